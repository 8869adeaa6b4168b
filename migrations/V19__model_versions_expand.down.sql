-- Nothing is lost: analyses.model has been kept in step.
-- hardtack: lock-timeout 2s
drop trigger analyses_model_versions on public.analyses;

drop function public.analyses_model_versions();

alter table public.analyses
    drop column model_name,
    drop column model_version;
