CREATE TABLE account (id integer PRIMARY KEY, email text, active boolean);
CREATE VIEW active AS SELECT id, lower(email) AS email FROM account WHERE active AND id > 10;
CREATE VIEW fresh AS SELECT count(*) AS accounts FROM account;
COMMENT ON VIEW fresh IS 'How many';
COMMENT ON COLUMN fresh.accounts IS 'All of them';
