CREATE TYPE inner_pair AS (y bigint, x text, z text);
CREATE TYPE comp AS (b varchar(5), a bigint, added text, "Odd one" text, pair inner_pair);
CREATE TABLE holder (id integer PRIMARY KEY, c comp, many comp[]);
