ALTER TABLE public.hot SET (autovacuum_vacuum_scale_factor=0.05, fillfactor=90);
ALTER TABLE public.hot RESET (autovacuum_enabled);
ALTER TABLE public.plain SET (parallel_workers=2, toast.autovacuum_enabled=off);
