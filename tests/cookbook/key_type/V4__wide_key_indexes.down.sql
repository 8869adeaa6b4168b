-- hardtack: no-transaction
alter table event_notes drop constraint event_notes_event_id_wide_fkey;

drop index concurrently event_notes_event_id_wide_idx;

drop index concurrently events_id_wide_key;

alter table events
    alter column id_wide drop not null,
    drop constraint events_id_wide_same,
    add constraint events_id_wide_same check (id_wide is not null and id_wide = id) not valid;

alter table event_notes
    drop constraint event_notes_event_id_wide_same,
    add constraint event_notes_event_id_wide_same check (event_id_wide is not distinct from event_id) not valid;
