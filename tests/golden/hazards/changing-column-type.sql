-- before
create table accounts (id bigint primary key, visits int);
insert into accounts select n, n from generate_series(1, 100) n;
create index on accounts (visits);
-- hazard
alter table accounts alter column visits type bigint;
-- recipe 1
alter table accounts add column visits_wide bigint;
create function widen_visits() returns trigger language plpgsql as $$
begin
    new.visits_wide := new.visits;
    return new;
end
$$;
create trigger widen before insert or update on accounts for each row execute function widen_visits();
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update accounts set visits_wide = visits where visits_wide is null;
