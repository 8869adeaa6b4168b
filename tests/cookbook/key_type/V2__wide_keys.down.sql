drop trigger event_notes_event_id_in_step on event_notes;

drop trigger events_id_in_step on events;

drop function event_notes_event_id_in_step();

drop function events_id_in_step();

alter table event_notes drop column event_id_wide;

alter table events drop column id_wide;
