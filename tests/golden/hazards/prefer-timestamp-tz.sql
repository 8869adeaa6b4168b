-- before
select 1;
-- hazard
create table notes (id bigint primary key, written timestamp);
-- recipe
create table notes (id bigint primary key, written timestamptz);
