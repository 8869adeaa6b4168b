-- before
select 1;
-- hazard
create table notes (id bigint primary key, title varchar(80));
-- recipe
create table notes (id bigint primary key, title text check (length(title) <= 80));
