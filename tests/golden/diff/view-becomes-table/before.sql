CREATE TABLE source (id integer PRIMARY KEY);
CREATE VIEW thing AS SELECT id FROM source;
CREATE TABLE other (id integer);
CREATE MATERIALIZED VIEW copied AS SELECT id FROM source;
