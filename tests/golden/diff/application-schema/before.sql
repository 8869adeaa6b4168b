CREATE TYPE plan AS ENUM ('free', 'team');
CREATE TABLE account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email character varying(100) NOT NULL UNIQUE, plan plan NOT NULL DEFAULT 'free', created timestamp with time zone NOT NULL DEFAULT now());
CREATE TABLE project (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account bigint NOT NULL REFERENCES account, name text NOT NULL, UNIQUE (account, name));
CREATE TABLE task (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, project bigint NOT NULL REFERENCES project, title text NOT NULL, done boolean NOT NULL DEFAULT false, due date);
CREATE INDEX task_project ON task (project);
CREATE VIEW open_tasks AS SELECT p.name AS project, t.title, t.due FROM task t JOIN project p ON p.id = t.project WHERE NOT t.done;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER task_touch BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION touch();
GRANT SELECT ON account, project, task, open_tasks TO golden_reader;
