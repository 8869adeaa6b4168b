CREATE TABLE a (id integer PRIMARY KEY);
CREATE TABLE b (id integer PRIMARY KEY);
CREATE PUBLICATION golden_some FOR TABLE a;
CREATE PUBLICATION golden_gone;
CREATE PUBLICATION golden_insert FOR TABLE a, b WITH (publish = 'insert');
