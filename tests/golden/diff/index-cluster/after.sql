CREATE TABLE item (id integer PRIMARY KEY, a integer, b text);
CREATE INDEX item_a ON item (a);
CREATE INDEX item_b ON item (b);
ALTER TABLE item CLUSTER ON item_b;
CREATE TABLE other (id integer PRIMARY KEY);
ALTER TABLE other CLUSTER ON other_pkey;
