CREATE TABLE account (id integer CONSTRAINT account_key PRIMARY KEY, a integer CONSTRAINT account_a_positive CHECK (a > 0));
CREATE INDEX account_a ON account (a);
