CREATE TABLE big (a integer, b integer, c integer);
ALTER TABLE big ALTER COLUMN a SET (n_distinct = 200);
ALTER TABLE big ALTER COLUMN b SET (n_distinct = -0.5);
ALTER TABLE big ALTER COLUMN c SET (n_distinct_inherited = 7);
