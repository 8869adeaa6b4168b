-- deletes-data, breaks-users
ALTER TABLE public.event DROP COLUMN gone;
ALTER TABLE public.event ADD COLUMN extra jsonb;
-- rewrites-table, breaks-users
ALTER TABLE public.event ALTER COLUMN id TYPE bigint;
ALTER TABLE public.event ALTER COLUMN kind SET DEFAULT 'x'::text;
-- depends-on-data, scans-table
ALTER TABLE public.event ALTER COLUMN kind SET NOT NULL;
ALTER TABLE public.event_a ALTER COLUMN kind SET DEFAULT 'a'::text;
-- depends-on-data, scans-table
ALTER TABLE public.event_a ALTER COLUMN kind SET NOT NULL;
ALTER TABLE public.event_b ALTER COLUMN kind SET DEFAULT 'x'::text;
-- depends-on-data, scans-table
ALTER TABLE public.event_b ALTER COLUMN kind SET NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.event ADD CONSTRAINT event_id_check CHECK ((id > 0));
-- depends-on-data, scans-table
ALTER TABLE public.event_b ADD CONSTRAINT only_b CHECK ((id < 1000));
