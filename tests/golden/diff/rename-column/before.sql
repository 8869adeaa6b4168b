CREATE TABLE account (id integer PRIMARY KEY, mail text NOT NULL UNIQUE CHECK (mail <> ''), x integer);
CREATE VIEW listing AS SELECT id, mail FROM account;
CREATE INDEX account_lower ON account (lower(mail));
