alter table bookings
    alter column begins_at drop not null,
    add constraint bookings_begins_at_there check (begins_at is not null) not valid;
