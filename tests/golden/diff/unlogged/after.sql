CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value bytea);
CREATE TABLE queue (id integer PRIMARY KEY);
CREATE UNLOGGED TABLE scratch (a integer);
