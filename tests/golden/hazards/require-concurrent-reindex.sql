-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create index accounts_email on accounts (email);
-- hazard
reindex table accounts;
-- recipe
-- hardtack: no-transaction
reindex table concurrently accounts;
