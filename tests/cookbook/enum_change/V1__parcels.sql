create type parcel_status as enum ('new', 'accepted', 'shiped', 'lost');

create table parcels (
    id bigint generated always as identity primary key,
    status parcel_status not null default 'new',
    note text
);

create index parcels_open_idx on parcels (id) where status in ('new', 'accepted');
