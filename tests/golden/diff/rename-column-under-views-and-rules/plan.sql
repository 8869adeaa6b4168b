-- breaks-users
ALTER TABLE public.t RENAME COLUMN mail TO email;
DROP STATISTICS public.s;
-- breaks-users
DROP MATERIALIZED VIEW public.m;
-- breaks-users
DROP VIEW public.v;
CREATE VIEW public.v AS
 SELECT t.id,
    t.email
   FROM public.t;
CREATE OR REPLACE VIEW public.w AS
 SELECT x.mail AS address,
    u.id
   FROM (( SELECT t.email AS mail
           FROM public.t) x
     JOIN public.u ON ((u.mail = x.mail)));
CREATE MATERIALIZED VIEW public.m AS
 SELECT t.email
   FROM public.t
WITH NO DATA;
CREATE STATISTICS public.s ON email, id FROM public.t;
CREATE OR REPLACE RULE r AS
    ON DELETE TO public.t DO  INSERT INTO public.log (mail)
  VALUES (old.email);
-- changes-access
ALTER POLICY q ON public.u USING ((EXISTS ( SELECT 1
   FROM public.t
  WHERE (t.email = u.mail))));
-- rewrites-table
REFRESH MATERIALIZED VIEW public.m;
