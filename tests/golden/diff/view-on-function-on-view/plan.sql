-- breaks-users
DROP VIEW public.top;
-- breaks-users
DROP FUNCTION public.listed();
-- breaks-users
DROP VIEW public.base;
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN id TYPE bigint;
CREATE VIEW public.base AS
 SELECT account.id,
    account.email,
    (account.id + 1) AS next
   FROM public.account;
CREATE OR REPLACE FUNCTION public.listed()
 RETURNS SETOF public.base
 LANGUAGE sql
 STABLE
AS $function$ SELECT * FROM base $function$;
CREATE VIEW public.top AS
 SELECT listed.id,
    listed.next
   FROM public.listed() listed(id, email, next);
