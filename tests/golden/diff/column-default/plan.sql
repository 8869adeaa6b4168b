ALTER TABLE public.job ALTER COLUMN created SET DEFAULT now();
ALTER TABLE public.job ALTER COLUMN state SET DEFAULT 'queued'::text;
ALTER TABLE public.job ALTER COLUMN tags SET DEFAULT '{urgent,"two words"}'::text[];
ALTER TABLE public.job ALTER COLUMN tries DROP DEFAULT;
