CREATE FUNCTION simplify(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE TABLE item (id integer PRIMARY KEY, name text, plain text);
CREATE INDEX item_name ON item (simplify(name));
