-- breaks-users
DROP VIEW public.writable;
CREATE VIEW public.writable AS
 SELECT upper(account.email) AS email,
    account.id
   FROM public.account;
CREATE TRIGGER w INSTEAD OF INSERT OR UPDATE ON public.writable FOR EACH ROW EXECUTE FUNCTION public.write();
