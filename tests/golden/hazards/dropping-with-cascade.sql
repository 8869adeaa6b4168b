-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint constraint orders_account references accounts (id));
-- hazard
alter table accounts drop constraint accounts_pkey cascade;
-- recipe 1
alter table orders drop constraint orders_account;
-- recipe 2
alter table accounts drop constraint accounts_pkey;
