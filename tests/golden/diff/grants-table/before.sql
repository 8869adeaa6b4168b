CREATE TABLE account (id integer PRIMARY KEY, email text);
GRANT SELECT ON account TO golden_reader;
GRANT SELECT, INSERT, UPDATE ON account TO golden_writer WITH GRANT OPTION;
CREATE TABLE plain (id integer);
CREATE VIEW v AS SELECT id FROM account;
