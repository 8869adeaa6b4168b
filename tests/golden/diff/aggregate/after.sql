CREATE FUNCTION add_it(state numeric, value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT state + value $$;
CREATE AGGREGATE total(numeric) (SFUNC = add_it, STYPE = numeric, INITCOND = '100', PARALLEL = SAFE, COMBINEFUNC = add_it);
COMMENT ON AGGREGATE total(numeric) IS 'With a head start';
CREATE AGGREGATE middle(double precision ORDER BY double precision) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final);
CREATE TABLE sale (amount numeric);
CREATE VIEW sales AS SELECT total(amount) AS total FROM sale;
