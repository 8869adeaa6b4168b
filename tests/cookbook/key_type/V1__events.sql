create table events (
    id serial primary key,
    title text not null
);

create table event_notes (
    id bigint generated always as identity primary key,
    event_id integer references events on delete cascade,
    note text not null
);

create index event_notes_event_id_idx on event_notes (event_id);
