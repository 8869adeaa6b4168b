CREATE TYPE inner_pair AS (x text, y integer);
CREATE TYPE comp AS (a integer, b text, "Odd one" text, pair inner_pair);
CREATE TABLE holder (id integer PRIMARY KEY, c comp, many comp[]);
