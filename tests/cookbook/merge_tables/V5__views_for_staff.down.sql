-- Nothing is lost: each person goes back under the former id. Copies under an exclusive lock, so it wants a quiet hour.
lock table people, badges in access exclusive mode;

drop view employees;

drop view contractors;

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

insert into employees (id, email, name, hired_on) overriding system value
select former_id, email, name, hired_on from people where kind = 'employee';

insert into contractors (id, email, name, agency) overriding system value
select former_id, email, name, agency from people where kind = 'contractor';

select
    setval('employees_id_seq', last_value),
    setval('contractors_id_seq', last_value)
from people_former_id_seq;

alter table people alter column former_id drop default;

drop sequence people_former_id_seq;

alter table badges
    add constraint badges_employee_id_fkey foreign key (employee_id) references employees on delete cascade,
    add constraint badges_contractor_id_fkey foreign key (contractor_id) references contractors on delete cascade;

create function people_follow_employees() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' then
        delete from people where kind = 'employee' and former_id = old.id;
    else
        insert into people (kind, former_id, email, name, hired_on)
        values ('employee', new.id, new.email, new.name, new.hired_on)
        on conflict (kind, former_id) do update
            set email = excluded.email, name = excluded.name, hired_on = excluded.hired_on;
    end if;
    return null;
end
$$;

create function people_follow_contractors() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' then
        delete from people where kind = 'contractor' and former_id = old.id;
    else
        insert into people (kind, former_id, email, name, agency)
        values ('contractor', new.id, new.email, new.name, new.agency)
        on conflict (kind, former_id) do update
            set email = excluded.email, name = excluded.name, agency = excluded.agency;
    end if;
    return null;
end
$$;

create trigger people_follow after insert or update or delete on employees
    for each row execute function people_follow_employees();

create trigger people_follow after insert or update or delete on contractors
    for each row execute function people_follow_contractors();
