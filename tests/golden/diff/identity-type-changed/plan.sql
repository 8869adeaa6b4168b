-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN id TYPE bigint;
ALTER TABLE public.account ALTER COLUMN id SET MAXVALUE 9223372036854775807;
