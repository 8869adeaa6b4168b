CREATE TABLE account (id integer PRIMARY KEY, code text NOT NULL);
CREATE TABLE entry (account integer REFERENCES account);
