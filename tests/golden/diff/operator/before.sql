CREATE FUNCTION plus_minus(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT $1 + $2 $$;
CREATE OPERATOR public.~+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = plus_minus);
CREATE TABLE t (a integer);
