CREATE FUNCTION greet(name text DEFAULT 'world') RETURNS text LANGUAGE sql AS $$ SELECT 'hello ' || name $$;
CREATE FUNCTION twice(a integer DEFAULT 2) RETURNS integer LANGUAGE sql AS $$ SELECT a $$;
