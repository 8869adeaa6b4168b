CREATE TABLE account (id integer PRIMARY KEY, email text, name text);
CREATE VIEW listing AS SELECT id, name, email FROM account;
COMMENT ON COLUMN listing.email IS 'Address';
CREATE VIEW over_listing AS SELECT id, email FROM listing;
GRANT SELECT ON over_listing TO golden_reader;
CREATE FUNCTION first_listed() RETURNS SETOF listing LANGUAGE sql AS $$ SELECT * FROM listing $$;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM over_listing;
