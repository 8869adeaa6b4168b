-- Who may use the admin API of an application, and what was done through it.
create table hardtack.token (
    id bigint generated always as identity primary key,
    history_table text not null,
    name text not null,
    role text not null check (role in ('viewer', 'operator', 'admin')),
    sha256 text not null unique,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default session_user,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);

create unique index token_name on hardtack.token (history_table, name) where revoked_at is null;

create table hardtack.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    history_table text not null,
    request text not null,
    who text,
    role text,
    via text check (via in ('token', 'session', 'application')),
    action text not null,
    target text,
    from_address text,
    outcome text not null check (outcome in ('allowed', 'refused', 'succeeded', 'failed')),
    detail text,
    host text,
    database_role text not null default session_user
);

create index audit_newest on hardtack.audit (history_table, id);

comment on table hardtack.token is 'A token of the admin API; one that is revoked stays, so that the audit has whom to speak of.';
comment on column hardtack.token.history_table is 'Whose admin API it is for: applications that share a database do not share tokens.';
comment on column hardtack.token.sha256 is 'Of the secret, which nobody keeps but its holder.';
comment on column hardtack.token.created_by is 'The login, or who asked through the API.';
comment on table hardtack.audit is 'What was asked of the admin API; rows are added, and never changed.';
comment on column hardtack.audit.request is 'One for all rows of a request: what was allowed, and what became of it.';
comment on column hardtack.audit.who is 'The name of the token, or as the application says; null where nobody was recognised.';
comment on column hardtack.audit.target is 'What it was about: a version, a backup, a backfill, a token.';
comment on column hardtack.audit.outcome is 'allowed and refused: before anything was done; succeeded and failed: what became of it.';
comment on column hardtack.audit.host is 'Where the process runs that answered.';
comment on column hardtack.audit.database_role is 'The login of that process.';
