CREATE TABLE document (id integer PRIMARY KEY, owner text);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE POLICY command ON document FOR SELECT USING (owner = current_user);
CREATE POLICY strict ON document AS PERMISSIVE USING (id > 0);
CREATE POLICY no_check ON document FOR UPDATE USING (id > 0) WITH CHECK (id > 1);
