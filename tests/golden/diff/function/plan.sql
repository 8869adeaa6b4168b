-- breaks-users
DROP FUNCTION public.gone();
CREATE OR REPLACE FUNCTION public.add(a integer, b integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT b + a $function$;
COMMENT ON FUNCTION public.add(integer, integer) IS 'The sum';
CREATE OR REPLACE FUNCTION public.listing(VARIADIC names text[])
 RETURNS TABLE(name text, length integer)
 LANGUAGE sql
 STABLE ROWS 10
AS $function$
    SELECT n, length(n) FROM unnest(names) AS n
$function$;
CREATE OR REPLACE FUNCTION public.overloaded(a text)
 RETURNS text
 LANGUAGE sql
AS $function$ SELECT 'text' $function$;
CREATE OR REPLACE FUNCTION public.pair(a integer, OUT twice integer, OUT thrice integer)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
BEGIN
    twice := a * 2;
    thrice := a * 3; -- $$ inside
END
$function$;
