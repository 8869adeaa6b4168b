CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE item (
    id integer NOT NULL, a text COLLATE "C", d integer NOT NULL,
    key uuid DEFAULT gen_random_uuid(), at timestamptz DEFAULT now(), seen timestamptz DEFAULT clock_timestamp(), n serial, p positive
);
CREATE INDEX item_a ON item (a);
