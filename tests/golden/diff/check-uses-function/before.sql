CREATE FUNCTION sane(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > 0 $$;
CREATE TABLE item (id integer PRIMARY KEY CHECK (sane(id)));
