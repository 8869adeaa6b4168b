-- The run log: who changed the schema, when, from where, how long it took, and what failed.
create table hardtack.run (
    id bigint generated always as identity primary key,
    command text not null,
    history_table text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome text check (outcome in ('succeeded', 'failed', 'stopped')),
    error text,
    host text,
    process_id bigint,
    database_role text not null default current_user,
    hardtack_version text not null
);

create table hardtack.step (
    id bigint generated always as identity primary key,
    run bigint not null references hardtack.run (id),
    version bigint not null,
    name text not null,
    direction text not null check (direction in ('up', 'down', 'mark', 'repair')),
    sha256 text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    error text,
    note text
);

create index step_version on hardtack.step (version, id);

-- How far a step without a transaction got; there is a row only while it is unfinished.
create table hardtack.unfinished (
    history_table text not null,
    version bigint not null,
    direction text not null check (direction in ('up', 'down')),
    done int not null,
    done_hash text not null,
    running text,
    started_at timestamptz not null default clock_timestamp(),
    primary key (history_table, version)
);

comment on table hardtack.run is 'A run of hardtack; no outcome where the process died or still works.';
comment on table hardtack.step is 'A revision that a run applied, undid, marked or repaired, or failed at.';
comment on column hardtack.step.direction is 'mark: recorded as applied without running; repair: its history row was rewritten.';
comment on column hardtack.step.note is 'The reason that was given, and what a repair replaced.';
comment on table hardtack.unfinished is 'A step without a transaction that was begun and has not ended.';
comment on column hardtack.unfinished.done is 'The number of statements that are done.';
comment on column hardtack.unfinished.done_hash is 'Tells whether those statements were edited since.';
comment on column hardtack.unfinished.running is 'A statement that was sent and may be done as well.';
