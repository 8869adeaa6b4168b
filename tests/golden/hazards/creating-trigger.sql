-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create function nothing() returns trigger language plpgsql as 'begin return new; end';
-- hazard
create trigger look before insert on accounts for each row execute function nothing();
-- recipe
-- hardtack: allow creating-trigger "it does nothing that can fail"
-- hardtack: lock-timeout 500ms
create trigger look before insert on accounts for each row execute function nothing();
