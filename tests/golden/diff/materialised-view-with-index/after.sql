CREATE TABLE sale (id integer PRIMARY KEY, day date, amount integer);
CREATE MATERIALIZED VIEW daily AS SELECT day, sum(amount) AS total, count(*) AS n FROM sale GROUP BY day;
CREATE UNIQUE INDEX daily_day ON daily (day);
CREATE INDEX daily_total ON daily (total);
ALTER MATERIALIZED VIEW daily ALTER COLUMN total SET STATISTICS 200;
CREATE VIEW best AS SELECT max(total) AS total FROM daily;
