-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint constraint orders_account references accounts (id));
-- hazard
alter table orders drop constraint orders_account;
-- recipe
-- hardtack: allow ban-drop-constraint "nothing relies on it since 2.3"
-- hardtack: lock-timeout 500ms
alter table orders drop constraint orders_account;
