CREATE TABLE state (id bigserial PRIMARY KEY, status text CONSTRAINT status_status_check CHECK (status <> 'status'), parent integer REFERENCES state, n bigint GENERATED ALWAYS AS IDENTITY);
CREATE INDEX by_status ON state (status);
CREATE VIEW v AS SELECT state.status, state.id FROM state;
CREATE TABLE child () INHERITS (state);
