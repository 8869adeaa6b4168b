-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 10000) n;
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger look before insert on accounts for each row execute function nothing();
-- hazard
alter table accounts disable trigger look;
update accounts set kind = 'paid' where id = 1;
alter table accounts enable trigger look;
-- recipe
update accounts set kind = 'paid' where id = 1;
