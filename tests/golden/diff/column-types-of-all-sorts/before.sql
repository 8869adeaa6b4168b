CREATE TABLE zoo (id integer PRIMARY KEY);
