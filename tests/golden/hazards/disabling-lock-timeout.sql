-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
set local lock_timeout = 0;
-- recipe
-- hardtack: lock-timeout 10s
select 1;
