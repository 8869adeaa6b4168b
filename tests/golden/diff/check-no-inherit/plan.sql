ALTER TABLE public.parent DROP CONSTRAINT c1;
ALTER TABLE public.parent DROP CONSTRAINT c2;
-- depends-on-data, scans-table
ALTER TABLE public.child ADD CONSTRAINT own CHECK ((b > a));
-- depends-on-data, scans-table
ALTER TABLE public.parent ADD CONSTRAINT c1 CHECK ((a > 0)) NO INHERIT;
-- depends-on-data, scans-table
ALTER TABLE public.parent ADD CONSTRAINT c2 CHECK ((a < 100));
