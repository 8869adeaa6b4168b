-- fails: multiple assignments
-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
update accounts set kind = 'a', kind = 'b' where id = 1;
-- recipe
update accounts set kind = 'b' where id = 1;
