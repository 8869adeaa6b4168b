CREATE TYPE point3 AS (x double precision, y integer, z integer);
CREATE TYPE address AS (street text, zip character varying(10) COLLATE "C", at point3);
COMMENT ON TYPE address IS 'Where';
COMMENT ON COLUMN address.zip IS 'Postal code';
CREATE TYPE empty AS ();
ALTER TYPE address OWNER TO golden_writer;
