create table employees (
    id bigint generated always as identity primary key,
    email text not null unique,
    name text not null,
    hired_on date
);

create table contractors (
    id bigint generated always as identity primary key,
    email text not null unique,
    name text,
    agency text not null
);

create table badges (
    code text primary key,
    employee_id bigint references employees on delete cascade,
    contractor_id bigint references contractors on delete cascade,
    check (num_nonnulls(employee_id, contractor_id) = 1)
);
