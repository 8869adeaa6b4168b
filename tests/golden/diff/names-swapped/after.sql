CREATE TABLE a (id integer PRIMARY KEY, x integer);
CREATE TABLE b (id integer PRIMARY KEY, y text);
CREATE INDEX j ON a (x);
CREATE INDEX i ON b (y);
