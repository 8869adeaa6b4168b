CREATE TABLE item (id integer PRIMARY KEY, a text, b text, c integer);
