CREATE TABLE t (a integer);
CREATE OPERATOR FAMILY backwards USING btree;
CREATE FUNCTION compare_backwards(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT btint4cmp($2, $1) $$;
CREATE OPERATOR CLASS int_backwards FOR TYPE integer USING btree FAMILY backwards AS
    OPERATOR 1 > , OPERATOR 2 >= , OPERATOR 3 = , OPERATOR 4 <= , OPERATOR 5 < , FUNCTION 1 compare_backwards(integer, integer);
