CREATE FUNCTION label(a integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a::text $$;
CREATE TABLE item (a integer);
CREATE INDEX item_label ON item (label(a));
