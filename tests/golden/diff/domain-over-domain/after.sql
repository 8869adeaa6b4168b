CREATE DOMAIN name_text AS text CHECK (VALUE <> '');
CREATE DOMAIN surname AS name_text CHECK (length(VALUE) < 100);
CREATE TABLE person (name name_text, surname surname);
