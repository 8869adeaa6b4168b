create table subscribers (
    id bigint generated always as identity primary key,
    email text not null,
    confirmed_at timestamptz,
    unsubscribed_at timestamptz
);

create table deliveries (
    id bigint generated always as identity primary key,
    subscriber_id bigint not null references subscribers on delete cascade,
    subject text not null
);

create index deliveries_subscriber_id_idx on deliveries (subscriber_id);
