CREATE TABLE item (a text);
CREATE VIEW items AS SELECT a COLLATE "POSIX" AS a, a AS b FROM item;
