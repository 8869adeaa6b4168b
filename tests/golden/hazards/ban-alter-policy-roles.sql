-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create role hazard_reader;
create policy own on accounts using (kind = 'free');
-- hazard
alter policy own on accounts to hazard_reader;
-- recipe
create policy own_2 on accounts to hazard_reader using (kind = 'free');
