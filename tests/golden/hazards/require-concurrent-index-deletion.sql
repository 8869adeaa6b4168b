-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create index accounts_email on accounts (email);
-- hazard
drop index accounts_email;
-- recipe
-- hardtack: no-transaction
drop index concurrently accounts_email;
