CREATE TYPE public.tariff AS ENUM ('free', 'team', 'big');
ALTER TABLE public.account ALTER COLUMN plan DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN plan TYPE public.tariff USING plan::text::public.tariff;
ALTER TABLE public.account ALTER COLUMN plan SET DEFAULT 'free'::public.tariff;
-- breaks-users
DROP TYPE public.plan;
