-- depends-on-data
ALTER TABLE public.account ADD COLUMN email text NOT NULL;
