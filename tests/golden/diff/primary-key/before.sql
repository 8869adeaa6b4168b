CREATE TABLE one (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (a));
CREATE TABLE two (a integer NOT NULL);
CREATE TABLE three (a integer, b text, CONSTRAINT three_key PRIMARY KEY (a));
