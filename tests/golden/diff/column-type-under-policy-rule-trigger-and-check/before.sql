CREATE TABLE document (id integer PRIMARY KEY, tenant integer NOT NULL CHECK (tenant > 0), title text);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON document USING (tenant = current_setting('app.tenant')::integer);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER moved BEFORE UPDATE OF tenant ON document FOR EACH ROW WHEN (OLD.tenant <> NEW.tenant) EXECUTE FUNCTION touch();
CREATE INDEX document_tenant ON document (tenant) WHERE tenant > 10;
CREATE STATISTICS document_stat (dependencies) ON tenant, title FROM document;
