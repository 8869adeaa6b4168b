CREATE TABLE status (id serial PRIMARY KEY, status text CHECK (status <> 'status'), parent integer REFERENCES status, n bigint GENERATED ALWAYS AS IDENTITY);
CREATE INDEX by_status ON status (status);
CREATE VIEW v AS SELECT status.status, status.id FROM status;
CREATE TABLE child () INHERITS (status);
