CREATE SEQUENCE ticket_numbers;
CREATE VIEW single AS SELECT 1 AS a;
CREATE FUNCTION g(a integer) RETURNS integer LANGUAGE sql AS $$ SELECT a $$;
