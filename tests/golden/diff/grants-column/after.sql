CREATE TABLE account (id integer PRIMARY KEY, email text, secret text);
GRANT SELECT (id), UPDATE (email) ON account TO golden_reader;
GRANT INSERT (id, email) ON account TO golden_writer WITH GRANT OPTION;
