CREATE TABLE item (
    id integer PRIMARY KEY,
    "Code" text UNIQUE DEFERRABLE INITIALLY DEFERRED,
    a integer,
    b integer,
    note text,
    CONSTRAINT "Both" UNIQUE (a, b) INCLUDE (note) WITH (fillfactor=70)
);
