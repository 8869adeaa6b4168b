CREATE TABLE one (a integer, b integer);
