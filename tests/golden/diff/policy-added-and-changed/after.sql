CREATE TABLE document (id integer PRIMARY KEY, owner text, public boolean);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON document USING (owner = current_user OR public) WITH CHECK (owner = current_user);
CREATE POLICY writers ON document FOR INSERT TO golden_writer, golden_reader WITH CHECK (owner = current_user AND NOT public);
CREATE POLICY see ON document FOR SELECT TO golden_reader USING (EXISTS (SELECT FROM document d WHERE d.id > document.id));
COMMENT ON POLICY see ON document IS 'Odd';
