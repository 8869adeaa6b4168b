CREATE DOMAIN amount AS integer CHECK (VALUE >= 0);
CREATE TABLE entry (id integer PRIMARY KEY, amount amount DEFAULT 0);
CREATE VIEW entries AS SELECT id, amount FROM entry;
