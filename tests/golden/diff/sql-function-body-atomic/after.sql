-- needs: 14
CREATE TABLE account (id integer PRIMARY KEY, balance bigint);
CREATE FUNCTION total() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT sum(balance) FROM account; END;
CREATE FUNCTION plain(a integer) RETURNS integer LANGUAGE sql RETURN a + 2;
CREATE FUNCTION twice() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT total() * 2; END;
CREATE PROCEDURE charge(amount integer) LANGUAGE sql BEGIN ATOMIC UPDATE account SET balance = balance - amount; END;
