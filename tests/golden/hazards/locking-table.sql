-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
lock table accounts;
-- recipe
-- What it has to bar are writes.
select pg_advisory_xact_lock(1);
