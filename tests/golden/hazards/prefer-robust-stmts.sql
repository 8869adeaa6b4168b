-- before
select 1;
-- hazard
-- hardtack: no-transaction
create table notes (id bigint primary key);
-- recipe
-- hardtack: no-transaction
create table if not exists notes (id bigint primary key);
