DROP INDEX public.item_label;
-- breaks-users
DROP FUNCTION public.label(integer);
CREATE OR REPLACE FUNCTION public.label(a bigint)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT a::text $function$;
-- blocks-writes
CREATE INDEX item_label ON public.item USING btree (public.label((a)::bigint));
