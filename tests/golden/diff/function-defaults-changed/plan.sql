CREATE OR REPLACE FUNCTION public.greet(name text DEFAULT 'world'::text)
 RETURNS text
 LANGUAGE sql
AS $function$ SELECT 'hello ' || name $function$;
CREATE OR REPLACE FUNCTION public.twice(a integer DEFAULT 2)
 RETURNS integer
 LANGUAGE sql
AS $function$ SELECT a $function$;
