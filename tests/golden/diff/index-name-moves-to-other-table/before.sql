CREATE TABLE a (id integer, x integer);
CREATE TABLE b (id integer, x integer);
CREATE UNIQUE INDEX shared ON a (x);
CREATE SEQUENCE thing;
