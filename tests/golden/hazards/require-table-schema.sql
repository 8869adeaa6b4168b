-- before
select 1;
-- hazard
create table notes (id bigint primary key);
-- recipe
create table public.notes (id bigint primary key);
