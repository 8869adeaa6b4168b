CREATE TABLE account (id integer PRIMARY KEY, email text, data jsonb, deleted timestamp);
CREATE UNIQUE INDEX account_email ON account (lower(email)) WHERE deleted IS NULL;
CREATE INDEX account_data ON account ((data ->> 'title'), (length(email)));
ALTER INDEX account_data ALTER COLUMN 2 SET STATISTICS 500;
