CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE TABLE account (id integer PRIMARY KEY, email text, attributes hstore);
