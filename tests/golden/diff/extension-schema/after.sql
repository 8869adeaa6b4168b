CREATE SCHEMA tools;
CREATE EXTENSION citext SCHEMA tools;
CREATE TABLE account (email tools.citext);
