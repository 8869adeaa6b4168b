CREATE TABLE a (id integer PRIMARY KEY);
CREATE TABLE b (id integer PRIMARY KEY);
CREATE PUBLICATION golden_some FOR TABLE a, b;
CREATE PUBLICATION golden_all FOR ALL TABLES;
COMMENT ON PUBLICATION golden_all IS 'Everything';
CREATE PUBLICATION golden_insert FOR TABLE b WITH (publish = 'insert, truncate', publish_via_partition_root = true);
ALTER PUBLICATION golden_some OWNER TO golden_writer;
