-- needs: 18
CREATE TABLE author (id integer PRIMARY KEY);
CREATE TABLE book (id integer PRIMARY KEY, author integer CONSTRAINT written_by REFERENCES author, price integer CONSTRAINT positive CHECK (price > 0) NOT ENFORCED);
