CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE job (id integer PRIMARY KEY, state state NOT NULL DEFAULT 'new');
