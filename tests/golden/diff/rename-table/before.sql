CREATE TABLE customer (id serial PRIMARY KEY, email text UNIQUE, parent integer REFERENCES customer);
CREATE INDEX customer_lower ON customer (lower(email));
CREATE VIEW listing AS SELECT id, email FROM customer;
