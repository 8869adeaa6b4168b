-- before
create role hazard_owner;
create table notes (id bigint);
alter table notes owner to hazard_owner;
-- hazard
drop owned by hazard_owner;
-- recipe
reassign owned by hazard_owner to postgres;
