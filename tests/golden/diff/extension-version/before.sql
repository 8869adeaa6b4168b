CREATE EXTENSION hstore VERSION '1.7';
CREATE TABLE account (attributes hstore);
