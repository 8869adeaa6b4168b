CREATE AGGREGATE public.number(*) (SFUNC = public.one_more, STYPE = integer, INITCOND = '0');
COMMENT ON AGGREGATE public.number(*) IS 'of rows';
-- changes-access
REVOKE EXECUTE ON FUNCTION public.number() FROM PUBLIC;
-- changes-access
GRANT EXECUTE ON FUNCTION public.number() TO golden_reader;
CREATE AGGREGATE public.percentile(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
-- changes-access
REVOKE EXECUTE ON FUNCTION public.percentile(double precision, anyelement) FROM PUBLIC;
-- changes-access
GRANT EXECUTE ON FUNCTION public.percentile(double precision, anyelement) TO golden_reader;
CREATE AGGREGATE public.place(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
-- changes-access
GRANT EXECUTE ON FUNCTION public.place("any") TO golden_reader;
