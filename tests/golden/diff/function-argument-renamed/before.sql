CREATE FUNCTION area(w integer, h integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT w * h $$;
CREATE TABLE box (w integer, h integer, CHECK (area(w, h) > 0));
CREATE FUNCTION with_default(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql AS $$ SELECT a $$;
