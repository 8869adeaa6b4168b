-- before
select 1;
-- hazard
alter extension plpgsql update;
-- recipe
-- hardtack: allow ban-alter-extension "tried on a copy"
alter extension plpgsql update;
