CREATE TABLE account (id integer PRIMARY KEY);
CREATE TABLE session (id integer PRIMARY KEY, account integer REFERENCES account);
