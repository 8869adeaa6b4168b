CREATE EXTENSION hstore;
CREATE TABLE account (attributes hstore);
