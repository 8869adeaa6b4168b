CREATE TABLE customer (id integer PRIMARY KEY, name text);
CREATE VIEW customer_code AS SELECT id, name AS legacy_code FROM customer;
CREATE TABLE note (customer text, body text);
