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
    direction text not null check (direction in ('up', 'down')),
    sha256 text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    error text
);

create index step_version on hardtack.step (version, id);

comment on table hardtack.run is 'A run of hardtack; no outcome where the process died or still works.';
comment on table hardtack.step is 'A revision that a run applied or failed at.';
