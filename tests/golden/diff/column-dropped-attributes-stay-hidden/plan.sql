ALTER TABLE public.reading ADD COLUMN unit text;
