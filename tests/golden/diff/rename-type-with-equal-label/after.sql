CREATE TYPE state AS ENUM ('status', 'b');
CREATE TABLE t (status state DEFAULT 'status', all_of_them state[]);
CREATE FUNCTION f(s state) RETURNS state LANGUAGE sql AS $$ SELECT s $$;
CREATE VIEW v AS SELECT f(status) AS status FROM t;
