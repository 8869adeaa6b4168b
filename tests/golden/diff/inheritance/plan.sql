ALTER TABLE public.capital ALTER COLUMN state SET DEFAULT 'none'::text;
-- rewrites-table, breaks-users
ALTER TABLE public.city ALTER COLUMN population TYPE bigint;
ALTER TABLE public.village ADD COLUMN founded date;
ALTER TABLE public.city ADD COLUMN founded date;
CREATE TABLE public.port (
    ships integer
)
INHERITS (public.city);
-- rewrites-table, breaks-users
ALTER TABLE public.village ALTER COLUMN population TYPE bigint;
ALTER TABLE public.village INHERIT public.city;
