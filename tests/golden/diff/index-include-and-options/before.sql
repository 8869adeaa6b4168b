CREATE TABLE item (id integer PRIMARY KEY, a integer, b text);
CREATE INDEX item_a ON item (a) INCLUDE (b);
CREATE INDEX item_b ON item (b) WITH (fillfactor = 70);
CREATE INDEX item_plain ON item (a, b);
