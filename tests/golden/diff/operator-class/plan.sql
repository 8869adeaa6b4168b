CREATE OR REPLACE FUNCTION public.compare_backwards(integer, integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT btint4cmp($2, $1) $function$;
-- stays: operator family public.backwards USING btree: it is to be made, and no DDL is known here for its kind: write it by hand
-- stays: operator class public.int_backwards USING btree: it is to be made, and no DDL is known here for its kind: write it by hand
