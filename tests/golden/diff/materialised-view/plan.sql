-- breaks-users
DROP MATERIALIZED VIEW public.gone;
-- breaks-users
DROP MATERIALIZED VIEW public.total;
CREATE MATERIALIZED VIEW public.empty_yet AS
 SELECT sale.id
   FROM public.sale
WITH NO DATA;
ALTER MATERIALIZED VIEW public.empty_yet OWNER TO golden_writer;
COMMENT ON MATERIALIZED VIEW public.empty_yet IS 'Fill it';
-- changes-access
GRANT SELECT ON TABLE public.empty_yet TO golden_reader;
CREATE MATERIALIZED VIEW public.total WITH (fillfactor=80) AS
 SELECT sum(sale.amount) AS total,
    count(*) AS n
   FROM public.sale
WITH NO DATA;
-- rewrites-table
REFRESH MATERIALIZED VIEW public.total;
