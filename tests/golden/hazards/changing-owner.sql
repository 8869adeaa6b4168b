-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create role hazard_new_owner;
-- hazard
alter table accounts owner to hazard_new_owner;
-- recipe
-- hardtack: allow changing-owner "the old owner is a member of the new one"
grant hazard_new_owner to postgres;
alter table accounts owner to hazard_new_owner;
