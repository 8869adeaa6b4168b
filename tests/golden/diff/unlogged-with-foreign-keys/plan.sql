-- rewrites-table
ALTER TABLE public.session SET UNLOGGED;
-- rewrites-table
ALTER TABLE public.account SET UNLOGGED;
