CREATE TABLE account (id integer PRIMARY KEY, amount bigint NOT NULL DEFAULT 1);
