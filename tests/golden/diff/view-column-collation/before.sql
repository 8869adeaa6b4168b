CREATE TABLE item (a text);
CREATE VIEW items AS SELECT a COLLATE "C" AS a, a AS b FROM item;
