CREATE SCHEMA app;
CREATE TABLE public.account (id integer PRIMARY KEY, email text);
CREATE VIEW public.listing AS SELECT id FROM public.account;
