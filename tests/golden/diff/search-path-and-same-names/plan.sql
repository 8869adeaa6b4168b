-- breaks-users
DROP VIEW one.v;
ALTER TYPE two.state ADD VALUE 'b' AFTER 'a';
-- rewrites-table, breaks-users
ALTER TABLE two.t ALTER COLUMN s TYPE two.state USING s::text::two.state;
CREATE VIEW one.v AS
 SELECT t.s
   FROM one.t;
