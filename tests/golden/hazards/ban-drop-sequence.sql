-- before
create sequence numbers;
-- hazard
drop sequence numbers;
-- recipe
-- hardtack: allow ban-drop-sequence "no version has used it since 2.3"
drop sequence numbers;
