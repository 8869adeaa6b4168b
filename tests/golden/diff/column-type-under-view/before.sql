CREATE TABLE account (id integer PRIMARY KEY, balance integer NOT NULL);
CREATE VIEW rich AS SELECT id, balance FROM account WHERE balance > 1000;
COMMENT ON VIEW rich IS 'Accounts to call';
GRANT SELECT ON rich TO golden_reader;
