-- breaks-users
DROP AGGREGATE public.gone(numeric);
CREATE AGGREGATE public.middle(double precision ORDER BY double precision) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final);
CREATE OR REPLACE AGGREGATE public.total(numeric) (SFUNC = public.add_it, STYPE = numeric, COMBINEFUNC = public.add_it, INITCOND = '100', PARALLEL = safe);
COMMENT ON AGGREGATE public.total(numeric) IS 'With a head start';
