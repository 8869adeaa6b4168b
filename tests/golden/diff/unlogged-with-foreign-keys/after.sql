CREATE UNLOGGED TABLE account (id integer PRIMARY KEY);
CREATE UNLOGGED TABLE session (id integer PRIMARY KEY, account integer REFERENCES account);
