CREATE FUNCTION simplify(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(trim($1)) $$;
CREATE FUNCTION simplest(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT public.simplify($1) $$;
CREATE TABLE item (id integer PRIMARY KEY, name text, plain text, simple text GENERATED ALWAYS AS (simplify(name)) STORED);
CREATE INDEX item_name ON item (simplify(name)) WHERE simplify(name) <> '';
CREATE INDEX item_simplest ON item (simplest(name));
