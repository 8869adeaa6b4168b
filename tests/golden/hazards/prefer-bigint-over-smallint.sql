-- before
select 1;
-- hazard
create table notes (id smallint primary key);
-- recipe
create table notes (id bigint primary key);
