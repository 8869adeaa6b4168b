CREATE TABLE account (id integer PRIMARY KEY, email text, active boolean);
CREATE VIEW active AS SELECT id, email FROM account WHERE active;
CREATE VIEW gone AS SELECT id FROM account;
