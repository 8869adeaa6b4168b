-- The analyser's models have versions ('clauses@3.2'), and reports compare them: name and version get columns
-- of their own. First of three steps: the columns, empty, and a trigger that keeps them and analyses.model in
-- step, because the worker of the last release and that of this one take from the same queue.
-- hardtack: lock-timeout 2s
alter table public.analyses
    add column model_name text,
    add column model_version text;

comment on column analyses.model_name is 'The model without its version.';
comment on column analyses.model_version is 'As the model calls it; unversioned for those before versions.';

-- Whoever writes one side gets the other made from it; where a statement writes both and they do not agree, the
-- new side wins. A row whose new columns are all null is not filled yet.
create function public.analyses_model_versions() returns trigger
    language plpgsql
    -- Fixed, so that the expressions mean the same whatever the writing session has set.
    set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
    forward record;  -- the row with its new columns made from the old ones
    backward record;  -- the row with its old columns made from the new ones
    has_old boolean := num_nonnulls(new.model) > 0;
    has_new boolean := num_nonnulls(new.model_name, new.model_version) > 0;
    wrote_old boolean := false;
    wrote_new boolean := has_new;
begin
    if tg_op = 'UPDATE' then
        -- *<> and *= compare bit by bit: any type has them, and a citext in another case is another.
        wrote_old := row(new.model)::record *<> row(old.model)::record;
        wrote_new := row(new.model_name, new.model_version)::record *<> row(old.model_name, old.model_version)::record;
        if has_old and has_new and not wrote_old and not wrote_new then
            return new;
        end if;
    end if;

    forward := new;
    select
        (split_part(model, '@', 1)),
        (coalesce(nullif(split_part(model, '@', 2), ''), 'unversioned'))
    into forward.model_name, forward.model_version
    from (select new.*) as analyses;

    -- Written from the old side, or not filled yet.
    if not has_new and not wrote_new then
        return forward;
    end if;

    -- One of the new columns was written before the row was filled: the others are what the old ones say.
    if tg_op = 'UPDATE' and wrote_new and num_nonnulls(old.model_name, old.model_version) = 0 then
        new.model_name := coalesce(new.model_name, forward.model_name);
        new.model_version := coalesce(new.model_version, forward.model_version);
    end if;

    backward := new;
    select
        (concat_ws('@', model_name, nullif(model_version, 'unversioned')))
    into backward.model
    from (select new.*) as analyses;

    -- In step already, seen from one side. What the other side cannot express stays as it was written.
    if has_old and (row(new.model_name, new.model_version)::record *= row(forward.model_name, forward.model_version)::record
        or row(new.model)::record *= row(backward.model)::record) then
        return new;
    end if;
    if wrote_old and not wrote_new then
        return forward;
    end if;
    return backward;
end;
$$;

create trigger analyses_model_versions
    before insert or update on public.analyses
    for each row execute function public.analyses_model_versions();
