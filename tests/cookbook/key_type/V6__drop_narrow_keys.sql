-- hardtack: lock-timeout 500ms
-- hardtack: allow ban-drop-column "the wide columns hold the same"
-- hardtack: allow ban-drop-function "they kept the narrow columns in step"
drop trigger event_notes_event_id_in_step on event_notes;

drop trigger events_id_in_step on events;

drop function event_notes_event_id_in_step();

drop function events_id_in_step();

alter table event_notes drop column event_id_narrow;

alter table events drop column id_narrow;
