CREATE TABLE account (id integer PRIMARY KEY);
CREATE TABLE entry (id integer PRIMARY KEY, account integer NOT NULL REFERENCES account);
CREATE TABLE remark (entry integer REFERENCES entry ON DELETE CASCADE);
