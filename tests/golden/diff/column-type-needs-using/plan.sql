-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN keys TYPE text[] USING keys::text[];
ALTER TABLE public.item ALTER COLUMN quantity DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN quantity TYPE integer USING quantity::integer;
ALTER TABLE public.item ALTER COLUMN quantity SET DEFAULT 1;
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN taken TYPE timestamp with time zone;
