-- former_id stays: other systems and old links know people by it.
-- hardtack: allow ban-drop-view "unused since the release that reads and writes people"
-- hardtack: allow ban-drop-column "person_id says the same"
-- hardtack: allow ban-drop-function "it kept the columns in step"
-- hardtack: allow ban-drop-not-null "people without a past have no former id"
-- hardtack: allow ban-drop-default "people without a past have no former id"
-- hardtack: allow ban-drop-sequence "people without a past have no former id"
-- hardtack: lock-timeout 500ms
drop view employees;

drop view contractors;

drop trigger badges_find_person on badges;

drop function badges_find_person();

alter table badges
    drop column employee_id,
    drop column contractor_id;

alter table people
    alter column former_id drop not null,
    alter column former_id drop default;

drop sequence people_former_id_seq;
