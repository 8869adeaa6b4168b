ALTER TABLE public.reading ADD COLUMN note text;
