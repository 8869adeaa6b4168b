-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create schema app;
-- hazard
alter table accounts set schema app;
-- recipe
-- hardtack: allow ban-set-schema "the view keeps the old place"
alter table accounts set schema app;
create view public.accounts as select * from app.accounts;
