-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
cluster accounts using accounts_pkey;
-- recipe
-- hardtack: no-transaction
vacuum accounts;
