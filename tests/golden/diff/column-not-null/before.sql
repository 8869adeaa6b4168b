CREATE TABLE job (id integer PRIMARY KEY, state text, note text NOT NULL);
