CREATE TABLE node (id integer PRIMARY KEY, parent integer REFERENCES node);
CREATE RECURSIVE VIEW tree (id, depth) AS
    SELECT id, 0 FROM node WHERE parent IS NULL
    UNION ALL
    SELECT n.id, t.depth + 1 FROM node n JOIN tree t ON n.parent = t.id;
CREATE VIEW by_primary_key AS SELECT id, parent FROM node GROUP BY id;
