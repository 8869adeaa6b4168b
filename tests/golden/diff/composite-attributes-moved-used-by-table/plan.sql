ALTER TYPE public.comp RENAME TO comp__replaced;
ALTER TYPE public.inner_pair RENAME TO inner_pair__replaced;
CREATE TYPE public.inner_pair AS (y bigint, x text, z text);
CREATE TYPE public.comp AS (b character varying(5), a bigint, added text, "Odd one" text, pair public.inner_pair);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.holder ALTER COLUMN c TYPE public.comp USING CASE WHEN c IS DISTINCT FROM NULL THEN ROW((c).b, (c).a, NULL, (c)."Odd one", CASE WHEN (c).pair IS DISTINCT FROM NULL THEN ROW(((c).pair).y, ((c).pair).x, NULL)::text END)::text END::public.comp;
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.holder ALTER COLUMN many TYPE public.comp[] USING many::text[]::public.comp[];
DROP TYPE public.comp__replaced;
DROP TYPE public.inner_pair__replaced;
