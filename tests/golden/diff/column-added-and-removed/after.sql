CREATE TABLE account (id integer PRIMARY KEY, email text NOT NULL, active boolean NOT NULL DEFAULT true, seen date);
