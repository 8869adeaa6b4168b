-- Third of three steps, a release later: no worker runs any more that knows analyses.model. The file beside this
-- one is the way back.
-- hardtack: allow ban-drop-column "the values live on in model_name, model_version, and only the trigger calls its function"
-- hardtack: allow ban-drop-function "the values live on in model_name, model_version, and only the trigger calls its function"
-- hardtack: lock-timeout 2s
drop trigger analyses_model_versions on public.analyses;

drop function public.analyses_model_versions();

alter table public.analyses
    drop column model;
