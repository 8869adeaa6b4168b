CREATE EXTENSION btree_gist;
CREATE TABLE booking (room integer, during tsrange, cancelled boolean,
    EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT cancelled) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT apart EXCLUDE USING hash (room WITH =));
