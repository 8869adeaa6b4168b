CREATE TABLE account (b integer, a text, id serial);
ALTER TABLE account ALTER COLUMN a SET DEFAULT 'x', ADD PRIMARY KEY (id), ADD FOREIGN KEY (b) REFERENCES account;
CREATE VIEW v AS SELECT account.id FROM account;
