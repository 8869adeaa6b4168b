CREATE FOREIGN DATA WRAPPER golden_a OPTIONS (debug 'false', gone 'x');
CREATE FOREIGN DATA WRAPPER golden_gone;
CREATE FUNCTION check_options(text[], oid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
