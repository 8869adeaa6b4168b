-- before
select 1;
-- hazard
create table codes (code char(2));
-- recipe
create table codes (code text check (length(code) = 2));
