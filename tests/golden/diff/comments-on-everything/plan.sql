COMMENT ON SCHEMA public IS 'standard public schema';
COMMENT ON SCHEMA s IS 'new';
COMMENT ON TYPE public.e IS 'new';
COMMENT ON DOMAIN public.d IS 'new';
COMMENT ON SEQUENCE public.q IS 'new';
COMMENT ON FUNCTION public.f(integer) IS 'new';
COMMENT ON TABLE s.t IS E'new
in two lines with a \\ backslash';
COMMENT ON COLUMN s.t.a IS 'it''s new';
COMMENT ON COLUMN s.t.id IS 'number';
COMMENT ON VIEW public.v IS 'new';
COMMENT ON COLUMN public.v.one IS 'new';
COMMENT ON MATERIALIZED VIEW public.m IS NULL;
COMMENT ON COLUMN public.m.one IS 'new';
COMMENT ON INDEX s.i IS 'new';
COMMENT ON CONSTRAINT t_key ON s.t IS NULL;
