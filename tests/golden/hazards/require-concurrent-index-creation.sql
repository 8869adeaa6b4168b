-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
create index accounts_email on accounts (email);
-- recipe
-- hardtack: no-transaction
create index concurrently accounts_email on accounts (email);
