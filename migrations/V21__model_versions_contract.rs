//! The way back: `analyses.model` again, made from name and version, and the trigger of V19.
//!
//! Run it to its end before workers of the last release start.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::analyses;

/// The columns, empty, and what keeps both sides in step: one transaction, which may be sent again.
const COLUMNS: &str = r"
alter table public.analyses
    add column if not exists model text;

create or replace function public.analyses_model_versions() returns trigger
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

drop trigger if exists analyses_model_versions on public.analyses;
create trigger analyses_model_versions
    before insert or update on public.analyses
    for each row execute function public.analyses_model_versions();
";

/// What the old columns had to keep. All of it may be sent again.
const RULES: &[&str] = &[
    "alter table public.analyses drop constraint if exists analyses_model_versions_filled, add constraint analyses_model_versions_filled check (model is not null) not valid",
    "alter table public.analyses validate constraint analyses_model_versions_filled",
    "alter table public.analyses alter column model set not null",
    "alter table public.analyses drop constraint analyses_model_versions_filled",
];

/// Fills them in batches, by updates that change nothing: the trigger does it. A run that was stopped goes on behind its last
/// batch.
#[hardtack::down(transaction = "none", lock_timeout = "2s")]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context.batch_execute(COLUMNS).await?;
    context
        .backfill::<analyses::Row>("analyses_model_versions")
        .filter("num_nonnulls(model) = 0")
        .set_sql(analyses::MODEL_NAME, "model_name")
        .target(Duration::from_millis(200))
        .run()
        .await?;
    for rule in RULES {
        context.batch_execute(rule).await?;
    }
    Ok(())
}
