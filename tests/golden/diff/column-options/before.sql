CREATE TABLE big (a integer, b integer, c integer);
ALTER TABLE big ALTER COLUMN a SET (n_distinct = 100);
ALTER TABLE big ALTER COLUMN b SET (n_distinct = -0.5, n_distinct_inherited = 5);
