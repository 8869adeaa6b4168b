-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts add column token uuid default gen_random_uuid();
-- recipe 1
alter table accounts add column token uuid;
alter table accounts alter column token set default gen_random_uuid();
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update accounts set token = gen_random_uuid() where token is null;
