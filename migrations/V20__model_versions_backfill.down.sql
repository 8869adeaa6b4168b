-- The values stay: the trigger keeps them in step, and the last release does not look at them.
-- hardtack: lock-timeout 2s
alter table public.analyses
    alter column model_name drop not null,
    alter column model_version drop not null;
