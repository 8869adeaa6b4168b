-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create view mails as select email from accounts;
-- hazard
create or replace view mails as select email, id from accounts;
-- recipe
create view mails_2 as select email, id from accounts;
