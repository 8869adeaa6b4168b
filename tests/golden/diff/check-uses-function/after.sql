CREATE FUNCTION sane(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > $2 $$;
CREATE TABLE item (id integer PRIMARY KEY CHECK (sane(id, 0)));
