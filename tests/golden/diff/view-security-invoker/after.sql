-- needs: 15
CREATE TABLE account (id integer PRIMARY KEY);
CREATE VIEW plain WITH (security_invoker = true) AS SELECT id FROM account;
CREATE VIEW invoked WITH (security_barrier = true) AS SELECT id FROM account;
