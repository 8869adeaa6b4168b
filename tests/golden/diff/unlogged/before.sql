CREATE TABLE cache (key text PRIMARY KEY, value bytea);
CREATE UNLOGGED TABLE queue (id integer PRIMARY KEY);
