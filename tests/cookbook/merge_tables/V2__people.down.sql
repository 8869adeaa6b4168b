-- Nothing is lost: until here the former tables are the ones that are written.
drop trigger badges_find_person on badges;

drop function badges_find_person();

alter table badges drop column person_id;

drop trigger people_follow on contractors;

drop trigger people_follow on employees;

drop function people_follow_contractors();

drop function people_follow_employees();

drop table people;
