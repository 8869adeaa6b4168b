ALTER TYPE public.pair RENAME TO pair__replaced;
CREATE TYPE public.pair AS (a bigint, b text);
-- rewrites-table, breaks-users
ALTER TABLE public.holder ALTER COLUMN pair TYPE public.pair USING pair::text::public.pair;
DROP TYPE public.pair__replaced;
