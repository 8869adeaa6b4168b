ALTER TABLE public.job ALTER COLUMN note DROP NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.job ALTER COLUMN state SET NOT NULL;
