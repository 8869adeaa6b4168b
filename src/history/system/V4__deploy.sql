-- Deploys: how far each came, and what leads back from it. One that has not ended is taken up by the next.
create table hardtack.deploy (
    id bigint generated always as identity primary key,
    history_table text not null,
    plan text not null,
    versions bigint[] not null,
    from_version bigint,
    to_version bigint not null,
    way_back text not null check (way_back in ('downgrade', 'restore', 'stop')),
    stage text not null check (stage in ('rehearse', 'backup', 'upgrade', 'checks', 'probe', 'downgrade', 'rows', 'restore')),
    fingerprint text,
    backup text,
    started_at timestamptz not null default clock_timestamp(),
    stage_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome text check (outcome in ('deployed', 'refused', 'failed', 'reverted', 'not-reverted', 'abandoned')),
    error text,
    note text,
    host text,
    process_id bigint,
    database_role text not null default current_user,
    hardtack_version text not null
);

create unique index deploy_unfinished on hardtack.deploy (history_table) where finished_at is null;

comment on table hardtack.deploy is 'A deploy; not finished where it was stopped, its process died, or it still works.';
comment on column hardtack.deploy.plan is 'The SHA-256 of the plan, as in hardtack.evidence.';
comment on column hardtack.deploy.versions is 'The revisions of the plan, in order: what a way back undoes, and nothing else.';
comment on column hardtack.deploy.way_back is 'What was to be done on a failure behind the beginning of the upgrade.';
comment on column hardtack.deploy.stage is 'The last stage that was begun; rows are those of a backup of tables, put back behind the downgrade.';
comment on column hardtack.deploy.fingerprint is 'The SHA-256 of the catalog just before the upgrade; null where that has not begun.';
comment on column hardtack.deploy.backup is 'Where the backup of this deploy is; null where none was taken, or not yet.';
comment on column hardtack.deploy.outcome is 'refused: before anything was changed; failed: left where it is; not-reverted: the way back failed, or could not be proven.';
