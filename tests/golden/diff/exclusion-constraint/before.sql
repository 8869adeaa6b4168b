CREATE EXTENSION btree_gist;
CREATE TABLE booking (room integer, during tsrange, cancelled boolean, EXCLUDE USING gist (during WITH &&), CONSTRAINT gone EXCLUDE USING btree (room WITH =));
