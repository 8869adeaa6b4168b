-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create policy own on accounts using (kind = 'free');
-- hazard
alter policy own on accounts using (kind = 'paid');
-- recipe
create policy own_2 on accounts using (kind = 'paid');
