-- hardtack: lock-timeout 500ms
-- Both tables count from 1, so a person gets a new id and keeps the former one. An address may stand in both: it is unique among
-- the people of one kind, as it was.
create table people (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('employee', 'contractor')),
    former_id bigint not null,
    email text not null,
    name text,
    hired_on date,
    agency text,
    unique (kind, former_id),
    unique (kind, email),
    check (kind <> 'employee' or name is not null),
    check (kind <> 'contractor' or agency is not null)
);

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

-- What pointed at either of them points at the person too.
alter table badges add column person_id bigint;

alter table badges
    add constraint badges_person_id_fkey foreign key (person_id) references people on delete cascade not valid;

create function badges_find_person() returns trigger
    language plpgsql
as $$
declare
    by_new_writer boolean := case
        when tg_op = 'INSERT' then num_nonnulls(new.employee_id, new.contractor_id) = 0
        else new.person_id is distinct from old.person_id
    end;
begin
    if by_new_writer then
        select
            case kind when 'employee' then former_id end,
            case kind when 'contractor' then former_id end
        into new.employee_id, new.contractor_id
        from people where id = new.person_id;
    else
        select id into new.person_id from people
        where (kind, former_id) in (('employee', new.employee_id), ('contractor', new.contractor_id));
    end if;
    return new;
end
$$;

create trigger badges_find_person before insert or update on badges
    for each row execute function badges_find_person();
