CREATE TYPE address AS (street text, zip text, country text);
CREATE TABLE person (id integer PRIMARY KEY, home address, others address[]);
CREATE VIEW person_home AS SELECT id, (home).street FROM person;
