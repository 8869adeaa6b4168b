CREATE TABLE account (id serial PRIMARY KEY);
CREATE TABLE ledger (id integer PRIMARY KEY);
ALTER TABLE ledger OWNER TO golden_writer;
GRANT SELECT ON ledger TO golden_reader;
CREATE TABLE kept_1 (id integer);
CREATE TABLE kept_2 (id integer);
CREATE TABLE kept_3 (id integer);
CREATE TABLE kept_4 (id integer);
