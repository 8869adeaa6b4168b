-- breaks-users
DROP VIEW public.rich;
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN balance TYPE numeric(20,2);
CREATE VIEW public.rich AS
 SELECT account.id,
    account.balance
   FROM public.account
  WHERE (account.balance > (1000)::numeric);
COMMENT ON VIEW public.rich IS 'Accounts to call';
-- changes-access
GRANT SELECT ON TABLE public.rich TO golden_reader;
