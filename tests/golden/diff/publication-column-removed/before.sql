-- needs: 15
CREATE TABLE a (id integer PRIMARY KEY, y integer, z integer, x integer);
CREATE TABLE b (id integer PRIMARY KEY);
CREATE PUBLICATION golden_p FOR TABLE a (id, x, z) WHERE (id > 0), b;
CREATE PUBLICATION golden_q FOR TABLE a (y);
