CREATE TYPE address AS (street text, country text);
CREATE TABLE person (id integer PRIMARY KEY, home address);
CREATE FUNCTION line(address) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).street $$;
