-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create materialized view kinds as select kind, count(*) from accounts group by kind;
create unique index kinds_kind on kinds (kind);
-- hazard
refresh materialized view kinds;
-- recipe
refresh materialized view concurrently kinds;
