CREATE OR REPLACE FUNCTION public.a(x integer)
 RETURNS integer
 LANGUAGE sql
 STABLE PARALLEL RESTRICTED STRICT SECURITY DEFINER LEAKPROOF COST 50
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET work_mem TO '64MB'
AS $function$ SELECT x $function$;
CREATE OR REPLACE FUNCTION public.b(x integer)
 RETURNS SETOF integer
 LANGUAGE sql
AS $function$ SELECT x $function$;
CREATE OR REPLACE FUNCTION public.c(x integer)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$ SELECT x $function$;
-- changes-access
ALTER FUNCTION public.c(integer) OWNER TO golden_writer;
