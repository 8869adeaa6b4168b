-- before
create domain mail as text;
create table accounts (id bigint primary key, email mail);
insert into accounts select n, 'a@' || n from generate_series(1, 100) n;
-- hazard
alter domain mail add constraint mail_at check (value like '%@%');
-- recipe 1
-- hardtack: allow ban-alter-domain-with-add-constraint "NOT VALID scans nothing"
alter domain mail add constraint mail_at check (value like '%@%') not valid;
-- recipe 2
alter domain mail validate constraint mail_at;
