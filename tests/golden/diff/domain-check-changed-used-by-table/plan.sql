-- breaks-users
DROP VIEW public.mail;
ALTER DOMAIN public.email RENAME TO email__replaced;
CREATE DOMAIN public.email AS text CONSTRAINT shape CHECK ((VALUE ~ '^[^@]+@[^@]+$'::text));
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN email TYPE public.email;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.account ALTER COLUMN others TYPE public.email[];
CREATE VIEW public.mail AS
 SELECT account.email
   FROM public.account;
DROP DOMAIN public.email__replaced;
