ALTER DOMAIN public.amount SET DEFAULT 1;
ALTER DOMAIN public.amount DROP NOT NULL;
ALTER DOMAIN public.code DROP CONSTRAINT short;
-- depends-on-data, blocks-writes
ALTER DOMAIN public.code ADD CONSTRAINT long CHECK ((length(VALUE) > 3));
-- depends-on-data
ALTER DOMAIN public.code SET NOT NULL;
-- changes-access
ALTER DOMAIN public.code OWNER TO golden_writer;
CREATE DOMAIN public.postcode AS character varying(8) COLLATE "C" CONSTRAINT shape CHECK (((VALUE)::text ~ '^[0-9]+$'::text));
COMMENT ON CONSTRAINT shape ON DOMAIN public.postcode IS 'No letters';
COMMENT ON DOMAIN public.postcode IS 'Digits only';
