CREATE OR REPLACE FUNCTION public.new_code(length integer)
 RETURNS text
 LANGUAGE sql
AS $function$ SELECT left(md5(random()::text), length) $function$;
ALTER TABLE public.item ALTER COLUMN code SET DEFAULT public.new_code(8);
-- breaks-users
DROP FUNCTION public.new_code();
-- rewrites-table
ALTER TABLE public.item ADD COLUMN other text DEFAULT public.new_code(4);
