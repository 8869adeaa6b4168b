CREATE DOMAIN amount AS numeric(12,2) CHECK (VALUE >= 0);
CREATE TABLE entry (id integer PRIMARY KEY, amount amount DEFAULT 0);
CREATE VIEW entries AS SELECT id, amount FROM entry;
