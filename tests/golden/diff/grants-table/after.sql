CREATE TABLE account (id integer PRIMARY KEY, email text);
GRANT SELECT ON account TO golden_reader WITH GRANT OPTION;
GRANT SELECT, INSERT, DELETE ON account TO golden_writer;
GRANT TRUNCATE, REFERENCES, TRIGGER ON account TO golden_writer;
CREATE TABLE plain (id integer);
GRANT SELECT ON plain TO PUBLIC;
REVOKE DELETE ON plain FROM postgres;
CREATE VIEW v AS SELECT id FROM account;
GRANT ALL ON v TO golden_writer;
