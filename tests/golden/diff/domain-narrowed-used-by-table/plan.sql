ALTER DOMAIN public.code RENAME TO code__replaced;
ALTER DOMAIN public.price RENAME TO price__replaced;
CREATE DOMAIN public.code AS character varying(5);
CREATE DOMAIN public.price AS numeric(6,1);
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN code TYPE public.code;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN codes TYPE public.code[];
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.item ALTER COLUMN note TYPE public.code;
-- rewrites-table, breaks-users, deletes-data, depends-on-data
ALTER TABLE public.item ALTER COLUMN price TYPE public.price;
DROP DOMAIN public.code__replaced;
DROP DOMAIN public.price__replaced;
