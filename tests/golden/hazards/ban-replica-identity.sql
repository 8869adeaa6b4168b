-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts replica identity nothing;
-- recipe
-- hardtack: allow ban-replica-identity "no publication has the table"
alter table accounts replica identity nothing;
