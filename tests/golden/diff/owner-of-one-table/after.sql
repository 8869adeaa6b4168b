CREATE TABLE account (id serial PRIMARY KEY);
ALTER TABLE account OWNER TO golden_writer;
CREATE TABLE ledger (id integer PRIMARY KEY);
GRANT SELECT ON ledger TO golden_reader;
CREATE TABLE owned (id integer PRIMARY KEY);
ALTER TABLE owned OWNER TO golden_reader;
