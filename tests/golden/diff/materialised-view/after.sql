CREATE TABLE sale (id integer PRIMARY KEY, amount integer);
CREATE MATERIALIZED VIEW total WITH (fillfactor = 80) AS SELECT sum(amount) AS total, count(*) AS n FROM sale;
CREATE MATERIALIZED VIEW empty_yet AS SELECT id FROM sale WITH NO DATA;
COMMENT ON MATERIALIZED VIEW empty_yet IS 'Fill it';
GRANT SELECT ON empty_yet TO golden_reader;
ALTER MATERIALIZED VIEW empty_yet OWNER TO golden_writer;
