-- breaks-users
DROP DOMAIN public.serious;
ALTER TYPE public.level RENAME TO level__replaced;
CREATE TYPE public.level AS ENUM ('low', 'middle', 'high');
CREATE DOMAIN public.serious AS public.level CONSTRAINT serious_check CHECK ((VALUE <> 'low'::public.level));
-- rewrites-table, breaks-users
ALTER TABLE public.alarm ALTER COLUMN level TYPE public.level USING level::text::public.level;
DROP TYPE public.level__replaced;
