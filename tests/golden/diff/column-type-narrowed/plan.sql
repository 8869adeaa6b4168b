-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN a TYPE numeric(6,1);
-- rewrites-table, breaks-users, deletes-data
ALTER TABLE public.item ALTER COLUMN b TYPE interval(0);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN c TYPE character varying(10);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN d TYPE character varying(3);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN e TYPE character varying(3)[];
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN f TYPE bit varying(3);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN g TYPE bit(3) USING g::bit varying;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN h TYPE character(4);
-- rewrites-table, breaks-users, deletes-data
ALTER TABLE public.item ALTER COLUMN i TYPE time(0) without time zone;
-- rewrites-table, breaks-users, deletes-data
ALTER TABLE public.item ALTER COLUMN j TYPE timestamp(3) without time zone;
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN k TYPE numeric(5,2);
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN l TYPE numeric(6,1)[];
