CREATE SCHEMA tools;
CREATE EXTENSION citext;
CREATE TABLE account (email citext);
