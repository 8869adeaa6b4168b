-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts alter column kind set default 'paid';
-- recipe
-- hardtack: allow ban-set-default "every version sets it by itself"
alter table accounts alter column kind set default 'paid';
