-- before
create table lines (id bigint primary key, price int, amount int, total int generated always as (price * amount) stored);
-- hazard
alter table lines alter column total drop expression;
-- recipe
-- hardtack: allow ban-drop-generated-expression "the trigger computes it"
alter table lines alter column total drop expression;
create function total_of_line() returns trigger language plpgsql as $$
begin
    new.total := new.price * new.amount;
    return new;
end
$$;
create trigger total before insert or update on lines for each row execute function total_of_line();
