CREATE TABLE a (id integer PRIMARY KEY, x integer);
CREATE TABLE b (id integer PRIMARY KEY, y text);
CREATE INDEX i ON a (x);
CREATE INDEX j ON b (y);
