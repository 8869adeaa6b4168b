CREATE TABLE account (id integer PRIMARY KEY, tenant integer);
CREATE VIEW mine AS SELECT id, tenant FROM account WHERE tenant = 1 WITH CASCADED CHECK OPTION;
CREATE VIEW barrier AS SELECT id FROM account;
CREATE VIEW checked AS SELECT id, tenant FROM account WHERE tenant = 2;
ALTER VIEW checked ALTER COLUMN tenant SET DEFAULT 2;
