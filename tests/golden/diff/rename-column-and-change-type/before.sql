CREATE TABLE account (id integer PRIMARY KEY, cents integer DEFAULT 0);
