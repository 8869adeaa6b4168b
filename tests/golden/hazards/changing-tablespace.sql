-- needs: 14
-- tablespace: hazard_space
-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts set tablespace hazard_space;
-- recipe
-- hardtack: no-transaction
reindex (tablespace hazard_space) index concurrently accounts_pkey;
