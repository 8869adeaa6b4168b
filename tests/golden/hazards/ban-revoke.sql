-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create role hazard_writer;
grant insert on accounts to hazard_writer;
-- hazard
revoke insert on accounts from hazard_writer;
-- recipe
-- hardtack: allow ban-revoke "no version has written as this role since 2.3"
revoke insert on accounts from hazard_writer;
