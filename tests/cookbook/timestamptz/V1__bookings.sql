create table bookings (
    id bigint generated always as identity primary key,
    guest text not null,
    -- What the clock on the wall in Berlin shows.
    starts_at timestamp not null,
    -- UTC, as the server wrote it.
    created_at timestamp not null default (now() at time zone 'utc')
);

create index bookings_created_at_idx on bookings (created_at);
