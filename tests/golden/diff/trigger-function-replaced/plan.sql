-- breaks-users
DROP TRIGGER a ON public.account;
-- breaks-users
DROP FUNCTION public.old_way();
CREATE OR REPLACE FUNCTION public.new_way()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RETURN NEW; END $function$;
CREATE TRIGGER a BEFORE UPDATE ON public.account FOR EACH ROW EXECUTE FUNCTION public.new_way();
