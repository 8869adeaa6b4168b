-- breaks-users
DROP PROCEDURE public.other();
-- breaks-users
DROP FUNCTION public.tidy(integer);
CREATE OR REPLACE FUNCTION public.other()
 RETURNS integer
 LANGUAGE plpgsql
AS $function$ BEGIN RETURN 1; END $function$;
CREATE OR REPLACE PROCEDURE public.tidy(IN a integer)
 LANGUAGE plpgsql
AS $procedure$ BEGIN END $procedure$;
