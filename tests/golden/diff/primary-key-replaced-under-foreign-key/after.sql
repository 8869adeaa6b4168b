CREATE TABLE account (id integer NOT NULL UNIQUE, code text PRIMARY KEY);
CREATE TABLE entry (account integer REFERENCES account (id), code text REFERENCES account);
