CREATE TABLE account (id integer PRIMARY KEY, email text, data jsonb, deleted timestamp);
CREATE UNIQUE INDEX account_email ON account (lower(email));
CREATE INDEX account_data ON account ((data ->> 'name'));
