create table orders (
    id bigint generated always as identity primary key,
    customer text not null,
    -- As the customer typed it.
    city text
);
