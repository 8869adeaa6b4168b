CREATE FUNCTION tenant() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE TABLE document (id integer PRIMARY KEY, tenant integer, owner_tenant integer DEFAULT tenant());
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON document USING (tenant = tenant());
CREATE VIEW my_documents AS SELECT id, tenant() AS reader FROM document WHERE tenant = tenant();
GRANT EXECUTE ON FUNCTION tenant() TO golden_reader;
