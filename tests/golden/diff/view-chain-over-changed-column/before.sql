CREATE TABLE sale (id integer PRIMARY KEY, amount integer, day date);
CREATE VIEW a AS SELECT id, amount, day FROM sale;
CREATE VIEW b AS SELECT day, sum(amount) AS total FROM a GROUP BY day;
CREATE MATERIALIZED VIEW c AS SELECT * FROM b;
CREATE UNIQUE INDEX c_day ON c (day);
CREATE VIEW d AS SELECT a.id, c.total FROM a JOIN c USING (day);
GRANT SELECT ON d TO golden_reader;
