-- breaks-users
ALTER TABLE public.account RENAME COLUMN cents TO amount;
ALTER TABLE public.account ALTER COLUMN amount DROP DEFAULT;
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN amount TYPE bigint;
