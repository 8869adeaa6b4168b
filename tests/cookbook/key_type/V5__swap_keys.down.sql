-- Fails, and changes nothing, once a key does not fit an integer any more. Builds an index and checks the foreign key under the
-- lock: minutes on a large table.
lock table events, event_notes in access exclusive mode;

alter table event_notes rename constraint event_notes_event_id_fkey to event_notes_event_id_wide_fkey;

alter index event_notes_event_id_idx rename to event_notes_event_id_wide_idx;

alter index event_notes_event_id_narrow_idx rename to event_notes_event_id_idx;

alter table event_notes drop constraint event_notes_event_id_wide_fkey;

alter table events drop constraint events_pkey;

alter table events rename column id to id_wide;

alter table events rename column id_narrow to id;

alter table events
    alter column id set not null,
    alter column id set default nextval('events_id_seq'),
    alter column id_wide drop default;

alter sequence events_id_seq as integer owned by events.id;

alter table event_notes rename column event_id to event_id_wide;

alter table event_notes rename column event_id_narrow to event_id;

create or replace function events_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.id_wide := new.id;
    return new;
end
$$;

create or replace function event_notes_event_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.event_id_wide := new.event_id;
    return new;
end
$$;

alter table events
    add constraint events_pkey primary key (id),
    add constraint events_id_wide_same check (id_wide is not null and id_wide = id);

create unique index events_id_wide_key on events (id_wide);

alter table event_notes
    add constraint event_notes_event_id_fkey
    foreign key (event_id) references events on delete cascade,
    add constraint event_notes_event_id_wide_fkey
    foreign key (event_id_wide) references events (id_wide) on delete cascade,
    add constraint event_notes_event_id_wide_same check (event_id_wide is not distinct from event_id);
