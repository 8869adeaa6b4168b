-- breaks-users
DROP VIEW public.gone;
CREATE OR REPLACE VIEW public.active AS
 SELECT account.id,
    lower(account.email) AS email
   FROM public.account
  WHERE (account.active AND (account.id > 10));
CREATE VIEW public.fresh AS
 SELECT count(*) AS accounts
   FROM public.account;
COMMENT ON VIEW public.fresh IS 'How many';
COMMENT ON COLUMN public.fresh.accounts IS 'All of them';
