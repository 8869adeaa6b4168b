-- before
select 1;
-- hazard
drop extension plpgsql;
-- recipe
-- hardtack: allow ban-drop-extension "nothing uses it"
drop extension plpgsql;
