CREATE TABLE account (id integer PRIMARY KEY, email text, name text);
CREATE VIEW listing AS SELECT id, email FROM account;
GRANT SELECT ON listing TO golden_reader;
CREATE VIEW over_listing AS SELECT id FROM listing;
