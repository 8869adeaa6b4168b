-- breaks-users
DROP TRIGGER args ON public.account;
-- breaks-users
DROP TRIGGER gone ON public.account;
-- breaks-users
DROP TRIGGER stamp ON public.account;
CREATE OR REPLACE FUNCTION public.audit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RETURN NULL; END $function$;
CREATE TRIGGER args BEFORE INSERT ON public.account FOR EACH ROW EXECUTE FUNCTION public.touch('a', 'it''s', '3');
CREATE TRIGGER audited AFTER UPDATE ON public.account REFERENCING OLD TABLE AS was NEW TABLE AS is_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit();
CREATE TRIGGER emptied AFTER TRUNCATE ON public.account FOR EACH STATEMENT EXECUTE FUNCTION public.audit();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE OF email ON public.account FOR EACH ROW WHEN ((new.email IS NOT NULL)) EXECUTE FUNCTION public.touch();
COMMENT ON TRIGGER stamp ON public.account IS 'Sets changed';
