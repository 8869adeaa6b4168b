CREATE FUNCTION one_more(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE AGGREGATE number(*) (SFUNC = one_more, STYPE = integer, INITCOND = '0');
COMMENT ON AGGREGATE number(*) IS 'of rows';
REVOKE EXECUTE ON FUNCTION number() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION number() TO golden_reader;
CREATE AGGREGATE percentile(double precision ORDER BY anyelement)
    (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
REVOKE EXECUTE ON FUNCTION percentile(double precision, anyelement) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION percentile(double precision, anyelement) TO golden_reader;
CREATE AGGREGATE place(VARIADIC "any" ORDER BY VARIADIC "any")
    (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
GRANT EXECUTE ON FUNCTION place("any") TO golden_reader;
