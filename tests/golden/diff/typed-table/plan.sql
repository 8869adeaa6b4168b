ALTER TYPE public.person ADD ATTRIBUTE died date CASCADE;
CREATE TABLE public.ghosts OF public.person;
ALTER TABLE public.people ALTER COLUMN born SET DEFAULT '2000-01-01'::date;
