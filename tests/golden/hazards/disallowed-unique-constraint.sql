-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts add constraint accounts_email unique (email);
-- recipe 1
-- hardtack: no-transaction
create unique index concurrently accounts_email on accounts (email);
-- recipe 2
alter table accounts add constraint accounts_email unique using index accounts_email;
