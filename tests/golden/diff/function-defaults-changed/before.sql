CREATE FUNCTION greet(name text DEFAULT 'you') RETURNS text LANGUAGE sql AS $$ SELECT 'hello ' || name $$;
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS $$ SELECT a $$;
