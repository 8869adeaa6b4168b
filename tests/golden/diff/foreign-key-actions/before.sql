CREATE TABLE author (id integer PRIMARY KEY, a integer, b integer, UNIQUE (a, b));
CREATE TABLE book (id integer PRIMARY KEY,
    author integer CONSTRAINT c1 REFERENCES author,
    editor integer CONSTRAINT c2 REFERENCES author ON DELETE CASCADE ON UPDATE SET NULL,
    reader integer CONSTRAINT c3 REFERENCES author DEFERRABLE,
    a integer, b integer, CONSTRAINT c4 FOREIGN KEY (a, b) REFERENCES author (a, b));
