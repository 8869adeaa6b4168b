CREATE TABLE source (id integer PRIMARY KEY);
CREATE TABLE thing (id integer);
CREATE VIEW other AS SELECT id FROM source;
CREATE VIEW copied AS SELECT id FROM source;
