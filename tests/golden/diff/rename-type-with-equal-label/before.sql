CREATE TYPE status AS ENUM ('status', 'b');
CREATE TABLE t (status status DEFAULT 'status', all_of_them status[]);
CREATE FUNCTION f(s status) RETURNS status LANGUAGE sql AS $$ SELECT s $$;
CREATE VIEW v AS SELECT f(status) AS status FROM t;
