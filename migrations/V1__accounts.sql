-- People who sign in. The address is stored as it was typed; nothing normalises it yet.
create function set_updated_at() returns trigger
    language plpgsql
as $$
begin
    new.updated_at := now();
    return new;
end;
$$;

comment on function set_updated_at() is 'Trigger function for tables with an updated_at column.';

create table accounts (
    id            bigint generated always as identity primary key,
    email         text        not null unique,
    display_name  text        not null,
    password_hash text,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint accounts_display_name_not_blank check (btrim(display_name) <> '')
);

comment on table accounts is 'A person who signs in; belongs to any number of organisations.';
comment on column accounts.password_hash is 'Argon2 string; null for accounts that sign in through an identity provider.';

create trigger accounts_set_updated_at
    before update on accounts
    for each row execute function set_updated_at();
