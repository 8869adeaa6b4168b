CREATE TABLE item (id integer PRIMARY KEY, a integer, b text, c jsonb, d tsvector, e timestamp);
CREATE INDEX item_a ON item (a DESC NULLS LAST, b);
CREATE INDEX item_method ON item USING hash (b);
CREATE INDEX item_c ON item USING gin (c jsonb_path_ops);
CREATE INDEX item_d ON item USING gist (d);
CREATE INDEX item_e ON item USING brin (e) WITH (pages_per_range = 32);
CREATE UNIQUE INDEX item_b ON item (b text_pattern_ops);
COMMENT ON INDEX item_b IS 'For prefix searches';
