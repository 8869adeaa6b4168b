CREATE TABLE job (
    id integer PRIMARY KEY,
    state text DEFAULT 'queued',
    tries integer,
    created timestamp with time zone DEFAULT now(),
    tags text[] DEFAULT '{urgent,"two words"}'
);
