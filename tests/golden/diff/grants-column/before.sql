CREATE TABLE account (id integer PRIMARY KEY, email text, secret text);
GRANT SELECT (id, email) ON account TO golden_reader;
