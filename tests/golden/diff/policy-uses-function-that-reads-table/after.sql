CREATE TABLE member (team bigint, name text, active boolean);
CREATE TABLE document (id integer PRIMARY KEY, team bigint);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION my_teams() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT team FROM member WHERE name = current_user AND active $$;
CREATE POLICY mine ON document USING (team IN (SELECT my_teams()));
