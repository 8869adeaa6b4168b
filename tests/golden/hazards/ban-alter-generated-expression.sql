-- needs: 17
-- before
create table lines (id bigint primary key, price int, amount int, total int generated always as (price * amount) stored);
insert into lines select n, n, n from generate_series(1, 100) n;
-- hazard
alter table lines alter column total set expression as (price * amount * 2);
-- recipe 1
alter table lines add column total_2 int;
create function total_of_line() returns trigger language plpgsql as $$
begin
    new.total_2 := new.price * new.amount * 2;
    return new;
end
$$;
create trigger total before insert or update on lines for each row execute function total_of_line();
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update lines set total_2 = price * amount * 2 where total_2 is null;
