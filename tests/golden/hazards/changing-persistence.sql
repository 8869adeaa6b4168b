-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts set unlogged;
-- recipe 1
create unlogged table accounts_fast (like accounts including all);
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
insert into accounts_fast select * from accounts;
