-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint references accounts (id));
-- hazard
truncate accounts cascade;
-- recipe
-- hardtack: allow truncating-table "both are scratch space"
truncate accounts, orders;
