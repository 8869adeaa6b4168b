-- before
create function one() returns int language sql as 'select 1';
-- hazard
drop function one();
-- recipe
-- hardtack: allow ban-drop-function "no version has called it since 2.3"
drop function one();
