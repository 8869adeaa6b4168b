-- needs: 18
CREATE TABLE item (id integer PRIMARY KEY, a integer NOT NULL, b integer CONSTRAINT b_set NOT NULL, c integer);
ALTER TABLE item ADD CONSTRAINT c_set NOT NULL c NOT VALID;
