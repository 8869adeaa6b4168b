-- before
create domain mail as text;
-- hazard
drop domain mail;
-- recipe
-- hardtack: allow ban-drop-domain "no version has named it since 2.3"
drop domain mail;
