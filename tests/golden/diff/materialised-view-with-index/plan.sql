-- breaks-users
DROP VIEW public.best;
-- breaks-users
DROP MATERIALIZED VIEW public.daily;
CREATE MATERIALIZED VIEW public.daily AS
 SELECT sale.day,
    sum(sale.amount) AS total,
    count(*) AS n
   FROM public.sale
  GROUP BY sale.day
WITH NO DATA;
ALTER MATERIALIZED VIEW public.daily ALTER COLUMN total SET STATISTICS 200;
CREATE VIEW public.best AS
 SELECT max(daily.total) AS total
   FROM public.daily;
CREATE UNIQUE INDEX daily_day ON public.daily USING btree (day);
CREATE INDEX daily_total ON public.daily USING btree (total);
-- rewrites-table
REFRESH MATERIALIZED VIEW public.daily;
