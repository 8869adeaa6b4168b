-- breaks-users
ALTER SEQUENCE public.numbers RENAME TO ticket_numbers;
-- breaks-users
DROP VIEW public.one;
-- breaks-users
DROP FUNCTION public.f(integer);
CREATE OR REPLACE FUNCTION public.g(a integer)
 RETURNS integer
 LANGUAGE sql
AS $function$ SELECT a $function$;
CREATE VIEW public.single AS
 SELECT 1 AS a;
