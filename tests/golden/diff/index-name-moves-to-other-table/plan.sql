DROP INDEX public.shared;
-- deletes-data, breaks-users
DROP SEQUENCE public.thing;
CREATE VIEW public.thing AS
 SELECT a.id
   FROM public.a;
-- depends-on-data, scans-table
ALTER TABLE public.b ADD CONSTRAINT shared UNIQUE (x);
