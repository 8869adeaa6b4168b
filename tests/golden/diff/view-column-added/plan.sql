CREATE OR REPLACE VIEW public.listing AS
 SELECT account.id,
    account.email,
    account.name
   FROM public.account;
