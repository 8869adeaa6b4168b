-- deletes-data, breaks-users
ALTER TABLE public.line DROP COLUMN plain;
-- breaks-users
ALTER TABLE public.line DROP COLUMN total;
ALTER TABLE public.line ALTER COLUMN label DROP EXPRESSION;
-- rewrites-table
ALTER TABLE public.line ADD COLUMN plain integer GENERATED ALWAYS AS ((quantity + 1)) STORED;
-- rewrites-table
ALTER TABLE public.line ADD COLUMN total numeric GENERATED ALWAYS AS ((((quantity)::numeric * price) * 1.2)) STORED;
