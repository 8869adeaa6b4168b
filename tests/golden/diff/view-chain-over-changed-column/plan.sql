-- breaks-users
DROP VIEW public.d;
-- breaks-users
DROP MATERIALIZED VIEW public.c;
-- breaks-users
DROP VIEW public.b;
-- breaks-users
DROP VIEW public.a;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.sale ALTER COLUMN amount TYPE numeric(10,2);
CREATE VIEW public.a AS
 SELECT sale.id,
    sale.amount,
    sale.day
   FROM public.sale;
CREATE VIEW public.b AS
 SELECT a.day,
    sum(a.amount) AS total
   FROM public.a
  GROUP BY a.day;
CREATE MATERIALIZED VIEW public.c AS
 SELECT b.day,
    b.total
   FROM public.b
WITH NO DATA;
CREATE VIEW public.d AS
 SELECT a.id,
    c.total
   FROM (public.a
     JOIN public.c USING (day));
-- changes-access
GRANT SELECT ON TABLE public.d TO golden_reader;
CREATE UNIQUE INDEX c_day ON public.c USING btree (day);
-- rewrites-table
REFRESH MATERIALIZED VIEW public.c;
