ALTER TABLE public.point2 ADD COLUMN z integer;
