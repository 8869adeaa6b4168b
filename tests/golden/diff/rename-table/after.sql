CREATE TABLE account (id serial PRIMARY KEY, email text UNIQUE, parent integer REFERENCES account, note text);
CREATE INDEX account_lower ON account (lower(email));
CREATE VIEW listing AS SELECT id, email FROM account;
