-- before
create schema old;
-- hazard
drop schema old;
-- recipe
-- hardtack: allow ban-drop-schema "it is empty"
drop schema old;
