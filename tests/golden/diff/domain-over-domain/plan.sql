CREATE DOMAIN public.surname AS public.name_text CONSTRAINT surname_check CHECK ((length((VALUE)::text) < 100));
-- rewrites-table
ALTER TABLE public.person ADD COLUMN surname public.surname;
