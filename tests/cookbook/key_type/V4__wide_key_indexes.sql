-- All that takes long, under locks that let everybody read and write: what the swap then needs is there.
-- hardtack: no-transaction
-- hardtack: lock-timeout 500ms
alter table events validate constraint events_id_wide_same;

alter table event_notes validate constraint event_notes_event_id_wide_same;

alter table events alter column id_wide set not null;

create unique index concurrently events_id_wide_key on events (id_wide);

create index concurrently event_notes_event_id_wide_idx on event_notes (event_id_wide);

alter table event_notes
    add constraint event_notes_event_id_wide_fkey
    foreign key (event_id_wide) references events (id_wide) on delete cascade not valid;

alter table event_notes validate constraint event_notes_event_id_wide_fkey;
