CREATE TABLE account (id integer PRIMARY KEY, score integer);
CREATE VIEW scores AS SELECT id, score::numeric AS score FROM account;
CREATE VIEW best AS SELECT max(score) AS best FROM scores;
