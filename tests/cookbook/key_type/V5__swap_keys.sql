-- Names, a default and constraints in one short transaction; nothing is scanned or built in it.
-- hardtack: lock-timeout 500ms
-- hardtack: allow renaming-object "nobody names an index or a constraint"
-- hardtack: allow renaming-column "the other column takes the name in the same transaction"
-- hardtack: allow ban-drop-default "it moves to the other column"
-- hardtack: allow ban-drop-not-null "the narrow column is no key any more"
lock table events, event_notes in access exclusive mode;

alter table event_notes drop constraint event_notes_event_id_fkey;

alter table events
    drop constraint events_pkey,
    drop constraint events_id_wide_same;

alter table event_notes drop constraint event_notes_event_id_wide_same;

alter table events rename column id to id_narrow;

alter table events rename column id_wide to id;

alter table event_notes rename column event_id to event_id_narrow;

alter table event_notes rename column event_id_wide to event_id;

alter table events add constraint events_pkey primary key using index events_id_wide_key;

alter table events
    alter column id_narrow drop default,
    alter column id_narrow drop not null,
    alter column id set default nextval('events_id_seq');

-- A serial's sequence is as narrow as its column was.
alter sequence events_id_seq as bigint owned by events.id;

alter index event_notes_event_id_idx rename to event_notes_event_id_narrow_idx;

alter index event_notes_event_id_wide_idx rename to event_notes_event_id_idx;

alter table event_notes rename constraint event_notes_event_id_wide_fkey to event_notes_event_id_fkey;

-- From here on the narrow columns follow, while they have room.
create or replace function events_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.id_narrow := case when new.id between -2147483648 and 2147483647 then new.id end;
    return new;
end
$$;

create or replace function event_notes_event_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.event_id_narrow := case when new.event_id between -2147483648 and 2147483647 then new.event_id end;
    return new;
end
$$;
