-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts drop column kind;
-- recipe
-- hardtack: allow ban-drop-column "no version has read it since 2.3"
alter table accounts drop column kind;
