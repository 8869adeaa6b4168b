CREATE TABLE account (id serial PRIMARY KEY, a text DEFAULT 'x', b integer REFERENCES account);
CREATE VIEW v AS SELECT id FROM account;
