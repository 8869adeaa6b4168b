-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
create table orders (id bigint primary key, account_id bigint references accounts (id));
-- recipe 1
create table orders (id bigint primary key, account_id bigint);
-- recipe 2
alter table orders add constraint orders_account foreign key (account_id) references accounts (id) not valid;
