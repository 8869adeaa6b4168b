CREATE TABLE one (a integer PRIMARY KEY, b integer);
