-- A column of a new type: a value cannot be taken out of a type, and one that is renamed is gone for the release that runs.
-- hardtack: lock-timeout 2s
create type parcel_state as enum ('open', 'shipped', 'cancelled');

-- No default, so that the trigger can tell a writer who does not know the column.
alter table parcels add column state parcel_state;

create function parcel_state_of(status parcel_status) returns parcel_state
    language sql immutable
as $$
    select case status
        when 'new' then 'open'
        when 'accepted' then 'open'
        when 'shiped' then 'shipped'
        when 'lost' then 'cancelled'
    end::parcel_state
$$;

create function parcel_status_of(state parcel_state) returns parcel_status
    language sql immutable
as $$
    select case state
        when 'open' then 'accepted'
        when 'shipped' then 'shiped'
        when 'cancelled' then 'lost'
    end::parcel_status
$$;

create function parcels_states_in_step() returns trigger
    language plpgsql
as $$
declare
    by_old_writer boolean := case
        when tg_op = 'INSERT' then new.state is null
        else new.state is not distinct from old.state
    end;
begin
    if new.state is not distinct from parcel_state_of(new.status) then
        return new;
    elsif by_old_writer then
        new.state := parcel_state_of(new.status);
    else
        new.status := parcel_status_of(new.state);
    end if;
    return new;
end
$$;

create trigger parcels_states_in_step before insert or update on parcels
    for each row execute function parcels_states_in_step();

alter table parcels
    add constraint parcels_state_there check (state is not null) not valid;
