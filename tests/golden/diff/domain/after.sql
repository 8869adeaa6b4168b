CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN amount AS numeric(10,2) DEFAULT 1;
CREATE DOMAIN code AS text NOT NULL CONSTRAINT long CHECK (length(VALUE) > 3);
CREATE DOMAIN postcode AS character varying(8) COLLATE "C" CONSTRAINT shape CHECK (VALUE ~ '^[0-9]+$');
COMMENT ON DOMAIN postcode IS 'Digits only';
COMMENT ON CONSTRAINT shape ON DOMAIN postcode IS 'No letters';
ALTER DOMAIN code OWNER TO golden_writer;
