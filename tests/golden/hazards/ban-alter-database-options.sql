-- before
select 1;
-- hazard
alter database postgres set work_mem = '8MB';
-- recipe
set local work_mem = '8MB';
