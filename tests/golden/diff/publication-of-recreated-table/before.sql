CREATE TABLE t (id integer, b integer) PARTITION BY RANGE (id);
CREATE TABLE u (id integer);
CREATE PUBLICATION golden_p FOR TABLE t, u;
CREATE PUBLICATION golden_q FOR TABLE u;
COMMENT ON PUBLICATION golden_p IS 'stays';
