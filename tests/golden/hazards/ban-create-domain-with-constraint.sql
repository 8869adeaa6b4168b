-- before
select 1;
-- hazard
create domain mail as text check (value like '%@%');
-- recipe
create table accounts (id bigint primary key, email text check (email like '%@%'));
