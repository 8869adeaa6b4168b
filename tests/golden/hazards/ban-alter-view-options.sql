-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create view mails as select email from accounts;
-- hazard
alter view mails set (security_barrier = true);
-- recipe
create view mails_2 with (security_barrier = true) as select email from accounts;
