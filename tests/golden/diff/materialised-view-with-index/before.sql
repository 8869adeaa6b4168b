CREATE TABLE sale (id integer PRIMARY KEY, day date, amount integer);
CREATE MATERIALIZED VIEW daily AS SELECT day, sum(amount) AS total FROM sale GROUP BY day;
CREATE UNIQUE INDEX daily_day ON daily (day);
CREATE VIEW best AS SELECT max(total) AS total FROM daily;
