CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'Similar words';
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN attributes TYPE text;
-- breaks-users
DROP EXTENSION hstore;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN email TYPE public.citext USING email::public.citext;
-- blocks-writes
CREATE INDEX account_email ON public.account USING gin (((email)::text) public.gin_trgm_ops);
