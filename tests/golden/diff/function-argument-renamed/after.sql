CREATE FUNCTION area(width integer, height integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT width * height $$;
CREATE TABLE box (w integer, h integer, CHECK (area(w, h) > 0));
CREATE FUNCTION with_default(a integer, b integer) RETURNS integer LANGUAGE sql AS $$ SELECT a $$;
