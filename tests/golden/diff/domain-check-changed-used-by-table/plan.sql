-- breaks-users
DROP VIEW public.mail;
ALTER DOMAIN public.email RENAME TO email__replaced;
CREATE DOMAIN public.email AS text CONSTRAINT shape CHECK ((VALUE ~ '^[^@]+@[^@]+$'::text));
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN email TYPE public.email USING email::text::public.email;
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN others TYPE public.email[] USING others::text[]::public.email[];
CREATE VIEW public.mail AS
 SELECT account.email
   FROM public.account;
DROP DOMAIN public.email__replaced;
