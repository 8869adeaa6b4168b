-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create view mails as select email from accounts;
-- hazard
drop view mails;
-- recipe
-- hardtack: allow ban-drop-view "no version has read it since 2.3"
drop view mails;
