-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint references accounts (id));
-- hazard
truncate accounts cascade;
-- recipe
-- In batches where the table is large: docs/backfills.md.
delete from orders where account_id in (select id from accounts where kind = 'free');
delete from accounts where kind = 'free';
