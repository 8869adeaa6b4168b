-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 10000) n;
-- hazard
set local session_replication_role = replica;
delete from accounts where id = 1;
-- recipe
delete from accounts where id = 1;
