-- breaks-users
DROP FUNCTION public.luhn(text);
CREATE OR REPLACE FUNCTION public.luhn_valid(text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT $1 ~ '^[0-9]+$' $function$;
-- depends-on-data, blocks-writes
ALTER DOMAIN public.card ADD CONSTRAINT luhn CHECK (public.luhn_valid(VALUE));
CREATE OR REPLACE FUNCTION public.masked(public.card)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT '****' $function$;
