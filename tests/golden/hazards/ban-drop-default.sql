-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts alter column kind drop default;
-- recipe
-- hardtack: allow ban-drop-default "every version has set it since 2.3"
alter table accounts alter column kind drop default;
