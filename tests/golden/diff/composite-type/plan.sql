-- breaks-users
DROP TYPE public.gone;
-- breaks-users
DROP TYPE public.point3;
CREATE TYPE public.empty AS ();
CREATE TYPE public.point3 AS (x double precision, y integer, z integer);
CREATE TYPE public.address AS (street text, zip character varying(10) COLLATE "C", at public.point3);
COMMENT ON COLUMN public.address.zip IS 'Postal code';
ALTER TYPE public.address OWNER TO golden_writer;
COMMENT ON TYPE public.address IS 'Where';
