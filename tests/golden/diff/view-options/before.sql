CREATE TABLE account (id integer PRIMARY KEY, tenant integer);
CREATE VIEW mine AS SELECT id, tenant FROM account WHERE tenant = 1;
CREATE VIEW barrier WITH (security_barrier) AS SELECT id FROM account;
CREATE VIEW checked AS SELECT id, tenant FROM account WHERE tenant = 2 WITH LOCAL CHECK OPTION;
