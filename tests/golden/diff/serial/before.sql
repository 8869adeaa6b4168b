CREATE TABLE ticket (id serial PRIMARY KEY, title text);
CREATE TABLE plain (id integer PRIMARY KEY);
