-- Nothing is lost. Who came since gets a former id.
create sequence people_former_id_seq owned by people.former_id;

select setval('people_former_id_seq', coalesce(max(former_id), 0) + 1, false) from people;

update people set former_id = nextval('people_former_id_seq') where former_id is null;

alter table people
    alter column former_id set not null,
    alter column former_id set default nextval('people_former_id_seq');

alter table badges
    add column employee_id bigint,
    add column contractor_id bigint;

update badges set
    employee_id = case kind when 'employee' then former_id end,
    contractor_id = case kind when 'contractor' then former_id end
from people where people.id = badges.person_id;

alter table badges add check (num_nonnulls(employee_id, contractor_id) = 1);

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

create view employees as
select former_id as id, email, name, hired_on, kind from people where kind = 'employee'
with local check option;

alter view employees alter column kind set default 'employee';

create view contractors as
select former_id as id, email, name, agency, kind from people where kind = 'contractor'
with local check option;

alter view contractors alter column kind set default 'contractor';
