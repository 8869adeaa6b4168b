-- breaks-users
DROP TRIGGER task_touch ON public.task;
ALTER TABLE public.project DROP CONSTRAINT project_account_fkey;
ALTER TABLE public.task DROP CONSTRAINT task_project_fkey;
DROP INDEX public.task_project;
-- breaks-users
DROP VIEW public.open_tasks;
-- deletes-data, breaks-users
ALTER TABLE public.task DROP COLUMN done;
ALTER TYPE public.plan ADD VALUE 'enterprise' AFTER 'team';
CREATE TYPE public.task_state AS ENUM ('open', 'running', 'done');
CREATE DOMAIN public.email AS text CONSTRAINT email_check CHECK ((VALUE ~~ '%@%'::text));
CREATE OR REPLACE FUNCTION public.touch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN NEW.changed := now(); RETURN NEW; END $function$;
CREATE TABLE public.comment (
    id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.comment_id_seq START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1) NOT NULL,
    task bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT comment_pkey PRIMARY KEY (id)
);
-- changes-access
ALTER TABLE public.comment ENABLE ROW LEVEL SECURITY;
-- changes-access
GRANT INSERT ON TABLE public.comment TO golden_writer;
-- changes-access
GRANT SELECT ON TABLE public.comment TO golden_writer;
ALTER TABLE public.account ADD COLUMN deleted timestamp with time zone;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN email TYPE public.email;
ALTER TABLE public.account ALTER COLUMN plan SET DEFAULT 'team'::public.plan;
-- rewrites-table
ALTER TABLE public.project ADD COLUMN slug text GENERATED ALWAYS AS (lower(name)) STORED;
ALTER TABLE public.task ADD COLUMN changed timestamp with time zone;
-- rewrites-table, breaks-users
ALTER TABLE public.task ALTER COLUMN due TYPE timestamp with time zone;
ALTER TABLE public.task ADD COLUMN state public.task_state DEFAULT 'open'::public.task_state NOT NULL;
CREATE VIEW public.open_tasks AS
 SELECT p.name AS project,
    p.slug,
    t.title,
    t.state,
    t.due
   FROM (public.task t
     JOIN public.project p ON ((p.id = t.project)))
  WHERE (t.state <> 'done'::public.task_state);
-- changes-access
GRANT SELECT ON TABLE public.open_tasks TO golden_reader;
CREATE MATERIALIZED VIEW public.project_load AS
 SELECT open_tasks.project,
    count(*) AS tasks
   FROM public.open_tasks
  GROUP BY open_tasks.project
WITH NO DATA;
CREATE UNIQUE INDEX project_load_project ON public.project_load USING btree (project);
-- blocks-writes
CREATE INDEX task_open ON public.task USING btree (project, due) WHERE (state <> 'done'::public.task_state);
-- depends-on-data, scans-table
ALTER TABLE public.task ADD CONSTRAINT task_title_check CHECK ((title <> ''::text));
CREATE TRIGGER task_touch BEFORE INSERT OR UPDATE ON public.task FOR EACH ROW EXECUTE FUNCTION public.touch();
-- changes-access
CREATE POLICY readable ON public.comment FOR SELECT TO public USING ((EXISTS ( SELECT
   FROM public.task
  WHERE (task.id = comment.task))));
ALTER TABLE public.comment ADD CONSTRAINT comment_task_fkey FOREIGN KEY (task) REFERENCES public.task(id) ON DELETE CASCADE;
-- depends-on-data, blocks-writes
ALTER TABLE public.project ADD CONSTRAINT project_account_fkey FOREIGN KEY (account) REFERENCES public.account(id) ON DELETE CASCADE;
-- depends-on-data, blocks-writes
ALTER TABLE public.task ADD CONSTRAINT task_project_fkey FOREIGN KEY (project) REFERENCES public.project(id) ON DELETE CASCADE;
-- rewrites-table
REFRESH MATERIALIZED VIEW public.project_load;
