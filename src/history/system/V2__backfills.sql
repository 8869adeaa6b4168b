-- Backfills: how far each has come. A checkpoint is written in the transaction of the batch that it stands for.
create table hardtack.deferred (
    id bigint generated always as identity primary key,
    history_table text not null,
    version bigint not null,
    awaited boolean not null,
    recorded_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    undone_at timestamptz,
    error text
);

create unique index deferred_version on hardtack.deferred (history_table, version) where undone_at is null;

create table hardtack.backfill (
    id bigint generated always as identity primary key,
    history_table text not null,
    version bigint not null,
    direction text not null check (direction in ('up', 'down')),
    name text not null,
    deferred bigint references hardtack.deferred (id),
    work text not null,
    state text not null default 'running' check (state in ('running', 'paused', 'cancelled', 'failed', 'finished')),
    recorded boolean not null default false,
    total bigint,
    frontier jsonb,
    exhausted boolean not null default false,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    error text
);

create unique index backfill_name on hardtack.backfill (history_table, version, direction, name, coalesce(deferred, 0))
    where not recorded;

create table hardtack.backfill_range (
    backfill bigint not null references hardtack.backfill (id) on delete cascade,
    number bigint generated always as identity,
    after jsonb,
    upto jsonb not null,
    rows bigint not null default 0,
    finished boolean not null default false,
    started_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (backfill, number)
) with (fillfactor = 50);

create table hardtack.backfill_reject (
    backfill bigint not null references hardtack.backfill (id) on delete cascade,
    key jsonb not null,
    reason text not null,
    rejected_at timestamptz not null default clock_timestamp(),
    primary key (backfill, key)
);

comment on table hardtack.deferred is 'The backfill of a revision that is recorded, which runs in the background; undone with the revision.';
comment on column hardtack.deferred.awaited is 'Whether the run that recorded the revision ends it itself, because a later revision of that run requires it.';
comment on table hardtack.backfill is 'A data migration in batches; recorded where its revision is, so that a later run of the revision begins anew.';
comment on column hardtack.backfill.work is 'What is done to which rows: a backfill that goes on must be the same.';
comment on column hardtack.backfill.frontier is 'The last key that was handed out in a range; null where none was.';
comment on column hardtack.backfill.exhausted is 'Whether no row was beyond the frontier when a worker last looked.';
comment on table hardtack.backfill_range is 'A range of keys that some worker took; keys up to and with "after" are done.';
comment on table hardtack.backfill_reject is 'A row that the work did not take, by its key, and why. The row is as it was.';
