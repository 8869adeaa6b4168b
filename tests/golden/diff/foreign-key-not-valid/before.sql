CREATE TABLE author (id integer PRIMARY KEY);
CREATE TABLE book (author integer, editor integer, reader integer);
ALTER TABLE book ADD CONSTRAINT c1 FOREIGN KEY (author) REFERENCES author NOT VALID;
ALTER TABLE book ADD CONSTRAINT c2 FOREIGN KEY (editor) REFERENCES author;
