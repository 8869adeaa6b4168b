ALTER TYPE public.state ADD VALUE 'running' AFTER 'new';
ALTER TABLE public.job ALTER COLUMN state SET DEFAULT 'running'::public.state;
CREATE VIEW public.running AS
 SELECT job.id
   FROM public.job
  WHERE (job.state = 'running'::public.state);
-- blocks-writes
CREATE INDEX job_running ON public.job USING btree (id) WHERE (state = 'running'::public.state);
-- depends-on-data, scans-table
ALTER TABLE public.job ADD CONSTRAINT job_check CHECK (((state <> 'running'::public.state) OR (id > 0)));
