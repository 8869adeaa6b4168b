-- breaks-users
DROP VIEW public.entries;
ALTER DOMAIN public.amount RENAME TO amount__replaced;
CREATE DOMAIN public.amount AS numeric(12,2) CONSTRAINT amount_check CHECK ((VALUE >= (0)::numeric));
ALTER TABLE public.entry ALTER COLUMN amount DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.entry ALTER COLUMN amount TYPE public.amount;
ALTER TABLE public.entry ALTER COLUMN amount SET DEFAULT 0;
CREATE VIEW public.entries AS
 SELECT entry.id,
    entry.amount
   FROM public.entry;
DROP DOMAIN public.amount__replaced;
