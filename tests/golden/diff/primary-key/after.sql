CREATE TABLE one (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (a, b));
CREATE TABLE two (a integer NOT NULL, PRIMARY KEY (a));
CREATE TABLE three (a integer, b text, CONSTRAINT three_key PRIMARY KEY (a) INCLUDE (b) WITH (fillfactor = 80));
