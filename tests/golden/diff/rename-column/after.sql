CREATE TABLE account (id integer PRIMARY KEY, email text NOT NULL UNIQUE CHECK (email <> ''), x integer);
CREATE VIEW listing AS SELECT id, email AS mail FROM account;
CREATE INDEX account_lower ON account (lower(email));
