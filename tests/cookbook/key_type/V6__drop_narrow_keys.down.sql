-- Rewrites both tables.
alter table events add column id_narrow integer;

alter table event_notes add column event_id_narrow integer;

create function events_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.id_narrow := case when new.id between -2147483648 and 2147483647 then new.id end;
    return new;
end
$$;

create function event_notes_event_id_in_step() returns trigger
    language plpgsql
as $$
begin
    new.event_id_narrow := case when new.event_id between -2147483648 and 2147483647 then new.event_id end;
    return new;
end
$$;

create trigger events_id_in_step before insert or update on events
    for each row execute function events_id_in_step();

create trigger event_notes_event_id_in_step before insert or update on event_notes
    for each row execute function event_notes_event_id_in_step();

update events set id = id;

update event_notes set event_id = event_id;

create index event_notes_event_id_narrow_idx on event_notes (event_id_narrow);
