-- database: hazard_gone
-- before
select 1;
-- hazard
-- hardtack: no-transaction
drop database hazard_gone;
