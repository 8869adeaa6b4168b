CREATE TABLE point2 (x integer, y integer);
CREATE TABLE line (a point2, b point2);
CREATE FUNCTION span(point2) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x - $1.y $$;
