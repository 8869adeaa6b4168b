CREATE DOMAIN email AS text CONSTRAINT shape CHECK (VALUE ~ '^[^@]+@[^@]+$');
CREATE TABLE account (id integer PRIMARY KEY, email email NOT NULL, others email[]);
CREATE VIEW mail AS SELECT email FROM account;
