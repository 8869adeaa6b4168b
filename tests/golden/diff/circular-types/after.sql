CREATE TABLE node (id integer PRIMARY KEY);
CREATE TYPE link AS (a node, weight numeric);
CREATE TABLE graph (id integer PRIMARY KEY, links link[], root node);
ALTER TABLE node ADD COLUMN note text;
