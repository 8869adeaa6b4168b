CREATE SCHEMA x;
CREATE TABLE x.t (id serial PRIMARY KEY, a integer);
CREATE VIEW public.v AS SELECT id FROM x.t;
