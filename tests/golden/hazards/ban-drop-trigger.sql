-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger look before insert on accounts for each row execute function nothing();
-- hazard
drop trigger look on accounts;
-- recipe
-- hardtack: allow ban-drop-trigger "nothing relies on it since 2.3"
-- hardtack: lock-timeout 500ms
drop trigger look on accounts;
