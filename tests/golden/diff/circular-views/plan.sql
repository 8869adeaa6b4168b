CREATE OR REPLACE VIEW public.b AS
 SELECT t.id,
    t.a
   FROM public.t;
CREATE OR REPLACE VIEW public.a AS
 SELECT b.id,
    b.a
   FROM public.b;
