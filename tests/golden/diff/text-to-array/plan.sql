-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN a TYPE character varying(10)[] USING a::character varying[];
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN b TYPE numeric(5,1) USING b::numeric;
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN c TYPE boolean USING c::boolean;
