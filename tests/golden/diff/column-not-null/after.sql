CREATE TABLE job (id integer PRIMARY KEY, state text NOT NULL, note text);
