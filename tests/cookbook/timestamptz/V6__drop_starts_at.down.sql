-- A time that the clock skipped comes back as the one an hour later. Rewrites the table.
alter table bookings add column starts_at timestamp;

update bookings set starts_at = begins_at at time zone 'Europe/Berlin';

alter table bookings alter column starts_at set not null;

create function bookings_times_in_step() returns trigger
    language plpgsql
as $$
declare
    by_old_writer boolean := case
        when tg_op = 'INSERT' then new.begins_at is null
        else new.begins_at is not distinct from old.begins_at
    end;
begin
    if tg_op = 'UPDATE' and new.begins_at is not null
        and (new.starts_at, new.begins_at) is not distinct from (old.starts_at, old.begins_at)
    then
        -- Something else was written; what a guest has said of a doubtful hour stays.
        return new;
    elsif new.begins_at is not distinct from new.starts_at at time zone 'Europe/Berlin' then
        return new;
    elsif by_old_writer then
        new.begins_at := new.starts_at at time zone 'Europe/Berlin';
    else
        new.starts_at := new.begins_at at time zone 'Europe/Berlin';
    end if;
    return new;
end
$$;

create trigger bookings_times_in_step before insert or update on bookings
    for each row execute function bookings_times_in_step();

create view doubtful_bookings as
select id, starts_at, begins_at, starts_at <> begins_at at time zone 'Europe/Berlin' as never_was
from bookings
where isfinite(starts_at) and starts_at in (
    (begins_at - interval '1 hour') at time zone 'Europe/Berlin',
    (begins_at + interval '1 hour') at time zone 'Europe/Berlin'
) or starts_at <> begins_at at time zone 'Europe/Berlin';
