CREATE TABLE new_account (id integer PRIMARY KEY, email text);
CREATE VIEW account_list AS SELECT id, email FROM new_account;
