-- rewrites-table
ALTER TABLE public.cache SET UNLOGGED;
-- rewrites-table
ALTER TABLE public.queue SET LOGGED;
CREATE UNLOGGED TABLE public.scratch (
    a integer
);
