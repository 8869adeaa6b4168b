CREATE TYPE pair AS (a integer, b text);
CREATE TABLE holder (id integer PRIMARY KEY, pair pair);
