-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts add column note text;
-- recipe
-- hardtack: allow ban-add-column "every version names its columns"
alter table accounts add column note text;
