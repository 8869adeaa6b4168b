CREATE TABLE account (id serial PRIMARY KEY);
CREATE TABLE ledger (id integer PRIMARY KEY);
ALTER TABLE ledger OWNER TO golden_writer;
GRANT SELECT ON ledger TO golden_reader;
