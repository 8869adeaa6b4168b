CREATE TABLE event (id integer, at date NOT NULL);
