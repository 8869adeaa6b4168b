create table payments (
    id bigint generated always as identity primary key,
    payload jsonb not null
);
