create table organisations (
    id bigint generated always as identity primary key,
    name text not null
);

create table projects (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references organisations,
    name text not null
);

-- From before foreign keys were thought of: some projects are gone, and their tasks are not.
create table tasks (
    id bigint generated always as identity primary key,
    project_id bigint,
    title text not null,
    deleted_at timestamptz
);
