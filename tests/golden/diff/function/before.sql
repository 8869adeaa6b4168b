CREATE FUNCTION add(a integer, b integer) RETURNS integer LANGUAGE sql AS $$ SELECT a + b $$;
CREATE FUNCTION gone() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION overloaded(a integer) RETURNS text LANGUAGE sql AS $$ SELECT 'integer' $$;
