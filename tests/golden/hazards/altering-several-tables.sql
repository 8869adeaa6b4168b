-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint, total int);
insert into orders select n, n, n from generate_series(1, 100) n;
-- hazard
alter table accounts add column note text;
alter table orders add column note text;
-- recipe 1
alter table accounts add column note text;
-- recipe 2
alter table orders add column note text;
