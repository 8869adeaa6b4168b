CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (id integer UNIQUE REFERENCES p (id), parent integer REFERENCES t (id));
CREATE TABLE u (id integer REFERENCES t (id));
