CREATE SCHEMA app;
CREATE TABLE app.account (id integer PRIMARY KEY, email text);
CREATE VIEW public.listing AS SELECT id FROM app.account;
