-- needs: 18
CREATE TABLE item (id integer PRIMARY KEY, a integer CONSTRAINT a_set NOT NULL, b integer);
