create table customers (
    id bigint generated always as identity primary key,
    email text not null unique,
    full_name text not null,
    deleted_at timestamptz
);
