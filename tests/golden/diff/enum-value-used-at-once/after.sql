CREATE TYPE state AS ENUM ('new', 'running', 'done');
CREATE TABLE job (id integer PRIMARY KEY, state state NOT NULL DEFAULT 'running', CHECK (state <> 'running' OR id > 0));
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE VIEW running AS SELECT id FROM job WHERE state = 'running';
