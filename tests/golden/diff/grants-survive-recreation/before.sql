CREATE TABLE account (id integer PRIMARY KEY, code integer);
CREATE VIEW listing AS SELECT id, code FROM account;
GRANT SELECT, UPDATE ON listing TO golden_writer;
ALTER VIEW listing OWNER TO golden_reader;
CREATE FUNCTION f() RETURNS SETOF listing LANGUAGE sql AS $$ SELECT * FROM listing $$;
REVOKE ALL ON FUNCTION f() FROM PUBLIC;
COMMENT ON FUNCTION f() IS 'All of it';
