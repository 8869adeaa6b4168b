ALTER TABLE public.child NO INHERIT public.base;
ALTER TABLE public.both_parents ALTER COLUMN id SET DEFAULT 7;
-- depends-on-data, scans-table
ALTER TABLE public.both_parents ALTER COLUMN note SET NOT NULL;
ALTER TABLE public.child ALTER COLUMN id SET DEFAULT 2;
