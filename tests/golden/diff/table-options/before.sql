CREATE TABLE hot (id integer, body text) WITH (fillfactor = 70, autovacuum_enabled = off);
CREATE TABLE plain (id integer, body text);
