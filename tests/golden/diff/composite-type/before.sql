CREATE TYPE point3 AS (x integer, y integer);
CREATE TYPE gone AS (a text);
