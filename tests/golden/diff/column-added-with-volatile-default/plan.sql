-- breaks-users
ALTER TABLE public.item ALTER COLUMN id DROP IDENTITY;
-- breaks-users
ALTER TABLE public.item DROP CONSTRAINT item_pkey;
CREATE SEQUENCE public.item_n_seq AS integer START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1;
-- breaks-users, scans-table
ALTER TABLE public.item ALTER COLUMN a TYPE text COLLATE "C";
ALTER TABLE public.item ADD COLUMN at timestamp with time zone DEFAULT now();
-- breaks-users
ALTER TABLE public.item ALTER COLUMN d DROP DEFAULT;
-- rewrites-table
ALTER TABLE public.item ADD COLUMN key uuid DEFAULT gen_random_uuid();
-- rewrites-table
ALTER TABLE public.item ADD COLUMN n integer DEFAULT nextval('public.item_n_seq'::regclass) NOT NULL;
-- rewrites-table
ALTER TABLE public.item ADD COLUMN p public.positive;
-- rewrites-table
ALTER TABLE public.item ADD COLUMN seen timestamp with time zone DEFAULT clock_timestamp();
ALTER SEQUENCE public.item_n_seq OWNED BY public.item.n;
