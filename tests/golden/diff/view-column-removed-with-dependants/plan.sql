-- breaks-users
DROP MATERIALIZED VIEW public.counted;
-- breaks-users
DROP VIEW public.over_listing;
-- breaks-users
DROP FUNCTION public.first_listed();
-- breaks-users
DROP VIEW public.listing;
CREATE VIEW public.listing AS
 SELECT account.id,
    account.email
   FROM public.account;
COMMENT ON COLUMN public.listing.email IS 'Address';
CREATE OR REPLACE FUNCTION public.first_listed()
 RETURNS SETOF public.listing
 LANGUAGE sql
AS $function$ SELECT * FROM listing $function$;
CREATE VIEW public.over_listing AS
 SELECT listing.id,
    listing.email
   FROM public.listing;
-- changes-access
GRANT SELECT ON TABLE public.over_listing TO golden_reader;
CREATE MATERIALIZED VIEW public.counted AS
 SELECT count(*) AS n
   FROM public.over_listing
WITH NO DATA;
-- rewrites-table
REFRESH MATERIALIZED VIEW public.counted;
