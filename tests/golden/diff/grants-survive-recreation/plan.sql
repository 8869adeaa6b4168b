-- breaks-users
DROP FUNCTION public.f();
-- breaks-users
DROP VIEW public.listing;
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN code TYPE text;
CREATE VIEW public.listing AS
 SELECT account.id,
    account.code
   FROM public.account;
ALTER VIEW public.listing OWNER TO golden_reader;
-- changes-access
GRANT SELECT ON TABLE public.listing TO golden_writer;
-- changes-access
GRANT UPDATE ON TABLE public.listing TO golden_writer;
CREATE OR REPLACE FUNCTION public.f()
 RETURNS SETOF public.listing
 LANGUAGE sql
AS $function$ SELECT * FROM listing $function$;
COMMENT ON FUNCTION public.f() IS 'All of it';
-- changes-access
REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC;
