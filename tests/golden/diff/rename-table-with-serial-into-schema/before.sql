CREATE SCHEMA x;
CREATE TABLE public.t (id serial PRIMARY KEY, a integer);
CREATE VIEW public.v AS SELECT id FROM public.t;
