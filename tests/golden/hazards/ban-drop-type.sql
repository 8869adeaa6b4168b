-- before
create type mood as enum ('ok');
-- hazard
drop type mood;
-- recipe
-- hardtack: allow ban-drop-type "no version has named it since 2.3"
drop type mood;
