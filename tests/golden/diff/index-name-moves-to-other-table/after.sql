CREATE TABLE a (id integer, x integer);
CREATE TABLE b (id integer, x integer);
ALTER TABLE b ADD CONSTRAINT shared UNIQUE (x);
CREATE VIEW thing AS SELECT id FROM a;
