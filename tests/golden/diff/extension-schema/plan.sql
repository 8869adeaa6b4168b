-- breaks-users
ALTER EXTENSION citext SET SCHEMA tools;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN email TYPE tools.citext USING email::text::tools.citext;
