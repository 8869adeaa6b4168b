-- needs: 14
CREATE TABLE account (id integer PRIMARY KEY, balance integer);
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(balance) FROM account; END;
CREATE FUNCTION plain(a integer) RETURNS integer LANGUAGE sql RETURN a + 1;
