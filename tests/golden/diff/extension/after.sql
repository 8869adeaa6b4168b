CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
COMMENT ON EXTENSION pg_trgm IS 'Similar words';
CREATE TABLE account (id integer PRIMARY KEY, email citext, attributes text);
CREATE INDEX account_email ON account USING gin ((email::text) gin_trgm_ops);
