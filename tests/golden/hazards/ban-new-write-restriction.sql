-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table orders (id bigint primary key, account_id bigint, total int);
insert into orders select n, n, n from generate_series(1, 100) n;
-- hazard
alter table orders add constraint orders_total check (total > 0) not valid;
-- recipe
-- hardtack: allow ban-new-write-restriction "every version has kept to it since 2.3"
alter table orders add constraint orders_total check (total > 0) not valid;
