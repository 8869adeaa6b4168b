-- What gates ask for: that a plan was rehearsed, and that a backup was taken for it; and what an operator said of a run.
create table hardtack.evidence (
    id bigint generated always as identity primary key,
    history_table text not null,
    kind text not null check (kind in ('rehearsal', 'backup')),
    plan text not null,
    at timestamptz not null default clock_timestamp(),
    host text,
    database_role text not null default current_user,
    note text
);

create index evidence_plan on hardtack.evidence (history_table, kind, plan, at);

alter table hardtack.run add column note text;

comment on table hardtack.evidence is 'That a plan was rehearsed, or that a backup was taken for it.';
comment on column hardtack.evidence.plan is 'The SHA-256 of the plan: where it begins, which way it goes, and the texts of its steps.';
comment on column hardtack.evidence.at is 'When it was recorded, by the clock of the server.';
comment on column hardtack.evidence.note is 'Which backup, or how deep the rehearsal went.';
comment on column hardtack.run.note is 'What the operator accepted, with the reason, and which backup was named.';
