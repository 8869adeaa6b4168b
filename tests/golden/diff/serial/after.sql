CREATE TABLE ticket (id serial PRIMARY KEY, title text, number smallserial);
CREATE TABLE plain (id serial PRIMARY KEY);
CREATE TABLE log (id bigserial PRIMARY KEY, line text);
