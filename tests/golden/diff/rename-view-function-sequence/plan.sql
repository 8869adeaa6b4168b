-- breaks-users
DROP VIEW public.one;
-- breaks-users
DROP FUNCTION public.f(integer);
-- deletes-data, breaks-users
DROP SEQUENCE public.numbers;
CREATE SEQUENCE public.ticket_numbers AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1;
CREATE OR REPLACE FUNCTION public.g(a integer)
 RETURNS integer
 LANGUAGE sql
AS $function$ SELECT a $function$;
CREATE VIEW public.single AS
 SELECT 1 AS a;
