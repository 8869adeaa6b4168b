-- breaks-users
ALTER TABLE public.item ALTER COLUMN code TYPE character varying(20);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN flags TYPE bit(8);
-- rewrites-table, breaks-users
ALTER TABLE public.item ALTER COLUMN id TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE public.item ALTER COLUMN price TYPE numeric(12,2);
-- rewrites-table, breaks-users
ALTER TABLE public.item ALTER COLUMN stamp TYPE timestamp(6) without time zone;
