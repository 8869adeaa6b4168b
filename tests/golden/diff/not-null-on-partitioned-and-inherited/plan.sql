ALTER TABLE public.base ALTER COLUMN a DROP NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.base ALTER COLUMN b SET NOT NULL;
ALTER TABLE public.derived ALTER COLUMN a DROP NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.derived ALTER COLUMN b SET NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.event ALTER COLUMN id SET NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.event_a ALTER COLUMN id SET NOT NULL;
