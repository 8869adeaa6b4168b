CREATE TYPE plan AS ENUM ('free', 'team');
CREATE TABLE account (id integer PRIMARY KEY, plan plan NOT NULL DEFAULT 'free');
