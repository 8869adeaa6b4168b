CREATE TYPE pair AS (a bigint, b text);
CREATE TABLE holder (id integer PRIMARY KEY, pair pair);
