CREATE TABLE item (id integer PRIMARY KEY, a integer, b text, c jsonb, d tsvector, e timestamp);
CREATE INDEX item_a ON item (a);
CREATE INDEX item_gone ON item (b);
CREATE INDEX item_method ON item USING btree (b);
