-- needs: 15
CREATE TABLE a (id bigint PRIMARY KEY, y bigint, z integer);
CREATE TABLE b (id integer PRIMARY KEY);
CREATE PUBLICATION golden_p FOR TABLE a (id, z) WHERE (id > 0);
CREATE PUBLICATION golden_q FOR TABLE a (y);
