drop table event_notes;

drop table events;
