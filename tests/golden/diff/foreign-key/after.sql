CREATE TABLE author (id integer PRIMARY KEY);
CREATE TABLE publisher (id integer PRIMARY KEY);
CREATE TABLE book (id integer PRIMARY KEY, author integer, editor integer CONSTRAINT book_author REFERENCES author, publisher integer REFERENCES publisher);
COMMENT ON CONSTRAINT book_author ON book IS 'Who wrote it';
