-- Customers, and which accounts work for them. Every organisation has an owner who is one of its members.
create domain slug as text
    constraint slug_form check (value ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(value) <= 63);

create type member_role as enum ('owner', 'admin', 'editor');

create table organisations (
    id         bigint generated always as identity primary key,
    slug       slug        not null unique,
    name       text        not null,
    owner_id   bigint      not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table memberships (
    organisation_id bigint      not null references organisations (id) on delete cascade,
    account_id      bigint      not null references accounts (id) on delete cascade,
    role            member_role not null default 'editor',
    joined_at       timestamptz not null default now(),
    primary key (organisation_id, account_id)
);

create index memberships_account_id_idx on memberships (account_id);

-- Deferred, because an organisation and its first membership are inserted in one transaction.
alter table organisations
    add constraint organisations_owner_is_member
    foreign key (id, owner_id) references memberships (organisation_id, account_id)
    deferrable initially deferred;

create trigger organisations_set_updated_at
    before update on organisations
    for each row execute function set_updated_at();

comment on domain slug is 'Lower-case words joined by hyphens, as they stand in a URL.';
comment on table organisations is 'A customer: owns documents, has members and a subscription.';
comment on column organisations.owner_id is 'The member who may close the organisation.';
