DROP INDEX public.item_name;
CREATE OR REPLACE FUNCTION public.simplest(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT public.simplify($1) $function$;
CREATE OR REPLACE FUNCTION public.simplify(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT lower(trim($1)) $function$;
-- rewrites-table
ALTER TABLE public.item ADD COLUMN simple text GENERATED ALWAYS AS (public.simplify(name)) STORED;
-- blocks-writes
CREATE INDEX item_name ON public.item USING btree (public.simplify(name)) WHERE (public.simplify(name) <> ''::text);
-- blocks-writes
CREATE INDEX item_simplest ON public.item USING btree (public.simplest(name));
