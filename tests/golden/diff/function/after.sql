CREATE FUNCTION add(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT b + a $$;
COMMENT ON FUNCTION add(integer, integer) IS 'The sum';
CREATE FUNCTION overloaded(a integer) RETURNS text LANGUAGE sql AS $$ SELECT 'integer' $$;
CREATE FUNCTION overloaded(a text) RETURNS text LANGUAGE sql AS $$ SELECT 'text' $$;
CREATE FUNCTION listing(VARIADIC names text[]) RETURNS TABLE (name text, length integer) LANGUAGE sql STABLE ROWS 10 AS $$
    SELECT n, length(n) FROM unnest(names) AS n
$$;
CREATE FUNCTION pair(a integer, OUT twice integer, OUT thrice integer) LANGUAGE plpgsql AS $body$
BEGIN
    twice := a * 2;
    thrice := a * 3; -- $$ inside
END
$body$;
