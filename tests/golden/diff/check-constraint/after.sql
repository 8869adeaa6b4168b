CREATE TABLE item (id integer PRIMARY KEY, price numeric CHECK (price >= 0), stock integer,
    CONSTRAINT sensible CHECK (stock < 1000 OR price < 10));
COMMENT ON CONSTRAINT sensible ON item IS 'No thousand dear things';
