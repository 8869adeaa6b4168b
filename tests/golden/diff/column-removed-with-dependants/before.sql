CREATE TABLE customer (id integer PRIMARY KEY, name text, legacy_code text UNIQUE CHECK (legacy_code <> ''));
CREATE INDEX customer_legacy ON customer (lower(legacy_code));
CREATE VIEW customer_code AS SELECT id, legacy_code FROM customer;
CREATE TABLE note (customer text REFERENCES customer (legacy_code), body text);
