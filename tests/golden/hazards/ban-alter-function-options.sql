-- before
create function one() returns int language sql as 'select 1';
-- hazard
alter function one() security definer;
-- recipe
create function one_2() returns int language sql security definer as 'select 1';
