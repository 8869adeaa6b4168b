-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint, total int);
insert into orders select n, n, n from generate_series(1, 100) n;
-- hazard
alter table orders add constraint orders_account foreign key (account_id) references accounts (id);
-- recipe 1
alter table orders add constraint orders_account foreign key (account_id) references accounts (id) not valid;
-- recipe 2
alter table orders validate constraint orders_account;
