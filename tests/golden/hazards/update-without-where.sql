-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
update accounts set kind = 'paid';
-- recipe
-- In batches where the table is large: docs/backfills.md.
update accounts set kind = 'paid' where kind = 'free';
