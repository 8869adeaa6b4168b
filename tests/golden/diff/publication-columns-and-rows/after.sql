-- needs: 15
CREATE SCHEMA s;
CREATE TABLE s.t (id integer PRIMARY KEY);
CREATE TABLE a (id integer PRIMARY KEY, x integer, y integer);
CREATE TABLE b (id integer PRIMARY KEY, x integer);
CREATE PUBLICATION golden_p FOR TABLE a (id, y), b WHERE (id > 20);
CREATE PUBLICATION golden_q FOR TABLE a, TABLES IN SCHEMA s;
