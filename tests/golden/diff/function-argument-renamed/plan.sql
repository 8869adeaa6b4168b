ALTER TABLE public.box DROP CONSTRAINT box_check;
-- breaks-users
DROP FUNCTION public.area(integer, integer);
-- breaks-users
DROP FUNCTION public.with_default(integer, integer);
CREATE OR REPLACE FUNCTION public.area(width integer, height integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT width * height $function$;
CREATE OR REPLACE FUNCTION public.with_default(a integer, b integer)
 RETURNS integer
 LANGUAGE sql
AS $function$ SELECT a $function$;
-- depends-on-data, scans-table
ALTER TABLE public.box ADD CONSTRAINT box_check CHECK ((public.area(w, h) > 0));
