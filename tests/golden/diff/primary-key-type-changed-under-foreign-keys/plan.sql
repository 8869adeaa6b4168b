-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN id TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE public.entry ALTER COLUMN account TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE public.entry ALTER COLUMN id TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE public.remark ALTER COLUMN entry TYPE bigint;
