-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts rename to users;
-- recipe
-- hardtack: allow renaming-table "the view keeps the old name"
alter table accounts rename to users;
create view accounts as select * from users;
