CREATE FUNCTION check_options(text[], oid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FOREIGN DATA WRAPPER golden_a VALIDATOR check_options OPTIONS (debug 'true', fresh 'y');
CREATE FOREIGN DATA WRAPPER golden_b;
COMMENT ON FOREIGN DATA WRAPPER golden_b IS 'Does nothing';
GRANT USAGE ON FOREIGN DATA WRAPPER golden_b TO golden_writer;
CREATE SERVER golden_s FOREIGN DATA WRAPPER golden_b;
