-- before
select 1;
-- hazard
-- hardtack: no-transaction
alter system set log_min_messages = 'warning';
-- recipe
set local work_mem = '8MB';
