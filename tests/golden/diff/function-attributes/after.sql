CREATE FUNCTION a(x integer) RETURNS integer LANGUAGE sql STABLE STRICT LEAKPROOF SECURITY DEFINER PARALLEL RESTRICTED COST 50
    SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$ SELECT x $$;
CREATE FUNCTION b(x integer) RETURNS SETOF integer LANGUAGE sql AS $$ SELECT x $$;
CREATE FUNCTION c(x integer) RETURNS integer LANGUAGE sql SET search_path = '' SET "TimeZone" = 'UTC' AS $$ SELECT x $$;
ALTER FUNCTION c(integer) OWNER TO golden_writer;
