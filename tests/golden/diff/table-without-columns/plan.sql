CREATE TABLE public.nothing ();
ALTER TABLE public.marker ADD COLUMN seen boolean;
