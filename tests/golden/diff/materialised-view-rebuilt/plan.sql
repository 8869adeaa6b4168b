-- breaks-users
DROP MATERIALIZED VIEW public.a_codes;
-- breaks-users
DROP MATERIALIZED VIEW public.never;
-- breaks-users
DROP VIEW public.in_between;
-- breaks-users
DROP MATERIALIZED VIEW public.z_codes;
-- breaks-users
ALTER TABLE public.item ALTER COLUMN code TYPE text;
CREATE MATERIALIZED VIEW public.fresh AS
 SELECT count(*) AS count
   FROM public.item
WITH NO DATA;
CREATE MATERIALIZED VIEW public.fresh_and_empty AS
 SELECT count(*) AS count
   FROM public.item
WITH NO DATA;
CREATE MATERIALIZED VIEW public.never AS
 SELECT item.code
   FROM public.item
WITH NO DATA;
CREATE MATERIALIZED VIEW public.z_codes AS
 SELECT item.id,
    item.code
   FROM public.item
WITH NO DATA;
CREATE VIEW public.in_between AS
 SELECT z_codes.code
   FROM public.z_codes;
CREATE MATERIALIZED VIEW public.a_codes AS
 SELECT count(*) AS count
   FROM public.in_between
WITH NO DATA;
CREATE UNIQUE INDEX z_codes_id ON public.z_codes USING btree (id);
-- rewrites-table
REFRESH MATERIALIZED VIEW public.z_codes;
-- rewrites-table
REFRESH MATERIALIZED VIEW public.a_codes;
-- rewrites-table
REFRESH MATERIALIZED VIEW public.fresh;
