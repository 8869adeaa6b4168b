ALTER TABLE public.village INHERIT public.city;
ALTER TABLE public.capital ALTER COLUMN state SET DEFAULT 'none'::text;
ALTER TABLE public.city ADD COLUMN founded date;
-- rewrites-table, breaks-users
ALTER TABLE public.city ALTER COLUMN population TYPE bigint;
CREATE TABLE public.port (
    ships integer
)
INHERITS (public.city);
ALTER TABLE public.village ADD COLUMN founded date;
-- rewrites-table, breaks-users
ALTER TABLE public.village ALTER COLUMN population TYPE bigint;
