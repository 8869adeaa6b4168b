-- needs: 15
-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create access method hazard_heap type table handler heap_tableam_handler;
-- hazard
alter table accounts set access method hazard_heap;
-- recipe 1
create table accounts_new (like accounts including all) using hazard_heap;
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
insert into accounts_new select * from accounts;
