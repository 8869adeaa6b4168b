CREATE TABLE member (team integer, name text);
CREATE TABLE document (id integer PRIMARY KEY, team integer);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION my_teams() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT team FROM member WHERE name = current_user $$;
CREATE POLICY mine ON document USING (team IN (SELECT my_teams()));
