-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
lock table accounts;
-- recipe
-- hardtack: allow locking-table "readers go on, and nothing slow comes behind it"
lock table accounts in share mode;
