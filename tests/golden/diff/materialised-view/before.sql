CREATE TABLE sale (id integer PRIMARY KEY, amount integer);
CREATE MATERIALIZED VIEW total AS SELECT sum(amount) AS total FROM sale;
CREATE MATERIALIZED VIEW gone AS SELECT id FROM sale;
