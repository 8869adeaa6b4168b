-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts alter column email set not null;
-- recipe 1
alter table accounts add constraint accounts_email_there check (email is not null) not valid;
-- recipe 2
alter table accounts validate constraint accounts_email_there;
-- recipe 3
-- hardtack: allow adding-not-nullable-field "accounts_email_there proves it, so nothing is scanned"
alter table accounts alter column email set not null;
alter table accounts drop constraint accounts_email_there;
