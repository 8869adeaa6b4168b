set local time zone 'UTC';

alter table bookings
    alter column created_at drop default,
    alter column created_at type timestamp,
    alter column created_at set default (now() at time zone 'utc');
