-- before
create domain mail as text;
create table accounts (id bigint primary key, email mail);
insert into accounts select n, 'a@' || n from generate_series(1, 100) n;
-- hazard
alter domain mail add constraint mail_at check (value like '%@%');
-- recipe 1
alter table accounts add constraint accounts_email_at check (email like '%@%') not valid;
-- recipe 2
alter table accounts validate constraint accounts_email_at;
