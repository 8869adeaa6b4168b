CREATE TABLE job (
    id integer PRIMARY KEY,
    state text DEFAULT 'new',
    tries integer DEFAULT 0,
    created timestamp with time zone,
    tags text[] DEFAULT '{}'
);
