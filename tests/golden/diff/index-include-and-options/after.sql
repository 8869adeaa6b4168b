CREATE TABLE item (id integer PRIMARY KEY, a integer, b text);
CREATE INDEX item_a ON item (a) INCLUDE (b, id);
CREATE INDEX item_b ON item (b) WITH (fillfactor = 90, deduplicate_items = off);
CREATE INDEX item_plain ON item (a, b) WITH (fillfactor = 50);
