-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint references accounts (id));
-- hazard
drop table orders;
-- recipe
-- hardtack: allow ban-drop-table "no version has used it since 2.3"
-- hardtack: lock-timeout 500ms
drop table orders;
