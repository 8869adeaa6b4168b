-- hardtack: lock-timeout 500ms
alter table events add column id_wide bigint;

alter table event_notes add column event_id_wide bigint;

create function events_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.id_wide := new.id;
    return new;
end
$$;

create function event_notes_event_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.event_id_wide := new.event_id;
    return new;
end
$$;

create trigger events_id_in_step before insert or update on events
    for each row execute function events_id_in_step();

create trigger event_notes_event_id_in_step before insert or update on event_notes
    for each row execute function event_notes_event_id_in_step();

-- They hold for every row that is written from now on; V4 asks the others.
alter table events
    add constraint events_id_wide_same check (id_wide is not null and id_wide = id) not valid;

alter table event_notes
    add constraint event_notes_event_id_wide_same check (event_id_wide is not distinct from event_id) not valid;
