CREATE TABLE document (id integer PRIMARY KEY, owner text, public boolean);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON document USING (owner = current_user);
CREATE POLICY gone ON document FOR DELETE USING (false);
CREATE POLICY writers ON document FOR INSERT TO golden_writer WITH CHECK (owner = current_user);
