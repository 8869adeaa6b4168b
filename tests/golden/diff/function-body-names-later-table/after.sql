SET check_function_bodies = off;
CREATE TABLE unrelated (id integer);
CREATE TABLE zebra (id integer PRIMARY KEY, stripes integer);
CREATE FUNCTION a_count() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT sum(stripes) FROM zebra $$;
CREATE FUNCTION a_rows() RETURNS SETOF zebra LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT * FROM zebra; END $$;
CREATE FUNCTION b_calls() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT z_called() $$;
CREATE FUNCTION z_called() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT a_count() $$;
