CREATE DOMAIN public.surname AS public.name_text CONSTRAINT surname_check CHECK ((length((VALUE)::text) < 100));
ALTER TABLE public.person ADD COLUMN surname public.surname;
