CREATE FUNCTION add_it(state numeric, value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT state + value $$;
CREATE AGGREGATE total(numeric) (SFUNC = add_it, STYPE = numeric, INITCOND = '0');
CREATE AGGREGATE gone(numeric) (SFUNC = add_it, STYPE = numeric);
CREATE TABLE sale (amount numeric);
CREATE VIEW sales AS SELECT total(amount) AS total FROM sale;
