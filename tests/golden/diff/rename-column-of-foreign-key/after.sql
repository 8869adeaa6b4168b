CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (pid integer CONSTRAINT t_id_key UNIQUE CONSTRAINT t_id_fkey REFERENCES p (id), parent integer REFERENCES t (pid));
CREATE TABLE u (id integer REFERENCES t (pid));
