CREATE DOMAIN name_text AS text CHECK (VALUE <> '');
CREATE TABLE person (name name_text);
