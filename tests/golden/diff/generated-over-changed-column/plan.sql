DROP INDEX public.person_full;
-- breaks-users
ALTER TABLE public.person DROP COLUMN full_name;
-- breaks-users
ALTER TABLE public.person ALTER COLUMN first TYPE text;
-- breaks-users
ALTER TABLE public.person ALTER COLUMN last TYPE text;
-- rewrites-table
ALTER TABLE public.person ADD COLUMN full_name text GENERATED ALWAYS AS (((first || ' '::text) || last)) STORED;
-- blocks-writes
CREATE INDEX person_full ON public.person USING btree (full_name);
