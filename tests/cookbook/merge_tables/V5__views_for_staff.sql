-- The tables become views of the same names, which the release that runs reads and writes as before. One short transaction: at no
-- time is there neither. Nothing is scanned in it.
-- hardtack: allow ban-drop-table "every row is in people; V3 has counted, and the triggers have kept it so"
-- hardtack: allow ban-drop-function "they served the tables"
-- hardtack: lock-timeout 500ms
lock table employees, contractors, badges in access exclusive mode;

-- One sequence for both, behind every id that either of them has given away.
create sequence people_former_id_seq owned by people.former_id;

select setval('people_former_id_seq', greatest(
    (select last_value from employees_id_seq),
    (select last_value from contractors_id_seq)
));

alter table people alter column former_id set default nextval('people_former_id_seq');

-- people.id stands for them from here on.
alter table badges
    drop constraint badges_employee_id_fkey,
    drop constraint badges_contractor_id_fkey;

drop table employees;

drop table contractors;

drop function people_follow_employees();

drop function people_follow_contractors();

-- The kind comes last, where an insert without a list of columns does not meet it.
create view employees as
select former_id as id, email, name, hired_on, kind from people where kind = 'employee'
with local check option;

alter view employees alter column kind set default 'employee';

create view contractors as
select former_id as id, email, name, agency, kind from people where kind = 'contractor'
with local check option;

alter view contractors alter column kind set default 'contractor';
