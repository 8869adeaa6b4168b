-- needs: 14
CREATE TABLE blob (a text, b text, c bytea, d jsonb, e text COMPRESSION pglz);
ALTER TABLE blob ALTER COLUMN a SET STORAGE EXTERNAL;
ALTER TABLE blob ALTER COLUMN b SET STORAGE MAIN;
