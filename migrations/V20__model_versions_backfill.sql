-- Second of three steps: the file beside this one fills the analyses that nobody has written since the first.
-- Then every analysis has a name and a version, by way of a check: only its validation reads the table, and it
-- blocks neither reads nor writes.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
alter table public.analyses
    add constraint analyses_model_versions_filled check (model_name is not null and model_version is not null) not valid;

alter table public.analyses validate constraint analyses_model_versions_filled;

alter table public.analyses
    alter column model_name set not null,
    alter column model_version set not null;

alter table public.analyses drop constraint analyses_model_versions_filled;
