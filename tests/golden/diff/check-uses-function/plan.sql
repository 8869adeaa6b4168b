ALTER TABLE public.item DROP CONSTRAINT item_id_check;
-- breaks-users
DROP FUNCTION public.sane(integer);
CREATE OR REPLACE FUNCTION public.sane(integer, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT $1 > $2 $function$;
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT item_id_check CHECK (public.sane(id, 0));
