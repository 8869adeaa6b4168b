-- Plans, subscriptions, usage and invoices, in a schema of their own: another team's reports read it.
create schema billing;

create table billing.plans (
    code        text    primary key,
    name        text    not null,
    page_quota  integer,
    sort_order  integer not null unique,
    constraint plans_page_quota_positive check (page_quota > 0)
);

insert into billing.plans (code, name, page_quota, sort_order)
values
    ('free', 'Free', 100, 1),
    ('team', 'Team', 10000, 2),
    ('enterprise', 'Enterprise', null, 3);

-- Exactly one price list is in force at any time.
create table billing.price_lists (
    id       bigint generated always as identity primary key,
    name     text      not null unique,
    in_force tstzrange not null,
    constraint price_lists_in_force_not_empty check (not isempty(in_force)),
    constraint price_lists_do_not_overlap exclude using gist (in_force with &&)
);

create table billing.plan_prices (
    price_list_id bigint not null references billing.price_lists (id) on delete cascade,
    plan_code     text   not null references billing.plans (code),
    monthly_cents bigint not null,
    currency      text   not null default 'EUR',
    primary key (price_list_id, plan_code, currency),
    constraint plan_prices_monthly_cents_not_negative check (monthly_cents >= 0),
    constraint plan_prices_currency_form check (currency ~ '^[A-Z]{3}$')
);

create index plan_prices_plan_code_idx on billing.plan_prices (plan_code);

create table billing.subscriptions (
    id              bigint generated always as identity primary key,
    organisation_id bigint      not null references organisations (id),
    plan_code       text        not null references billing.plans (code),
    seats           integer     not null default 1,
    started_at      timestamptz not null default now(),
    ended_at        timestamptz,
    constraint subscriptions_seats_positive check (seats > 0),
    constraint subscriptions_end_after_start check (ended_at > started_at)
);

create index subscriptions_organisation_id_idx on billing.subscriptions (organisation_id);
create index subscriptions_plan_code_idx on billing.subscriptions (plan_code);

-- An organisation has one running subscription at most.
create unique index subscriptions_one_running_idx on billing.subscriptions (organisation_id)
    where ended_at is null;

create table billing.usage_records (
    organisation_id bigint  not null references organisations (id),
    day             date    not null,
    metric          text    not null,
    quantity        bigint  not null default 0,
    primary key (organisation_id, day, metric),
    constraint usage_records_metric_known check (metric in ('pages_analysed', 'bytes_stored', 'api_calls')),
    constraint usage_records_quantity_not_negative check (quantity >= 0)
);

create table billing.invoices (
    id              bigint generated always as identity (start with 10001) primary key,
    subscription_id bigint      not null references billing.subscriptions (id),
    period          daterange   not null,
    currency        text        not null,
    net_cents       bigint      not null,
    tax_cents       bigint      not null default 0,
    total_cents     bigint      generated always as (net_cents + tax_cents) stored,
    issued_at       timestamptz not null default now(),
    paid_at         timestamptz,
    unique (subscription_id, period),
    constraint invoices_currency_form check (currency ~ '^[A-Z]{3}$')
);

-- The dunning job looks at unpaid invoices only.
create index invoices_unpaid_idx on billing.invoices (issued_at) where paid_at is null;

comment on schema billing is 'Plans, subscriptions, usage and invoices.';
comment on column billing.plans.page_quota is 'Pages analysed a month; null for no limit.';
comment on column billing.invoices.id is 'Also the number that is printed on the invoice.';
