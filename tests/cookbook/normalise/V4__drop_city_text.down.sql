-- Each order names its city as cities does; how its customer typed it is lost. Rewrites the table.
alter table orders add column city text;

update orders set city = cities.name from cities where cities.id = orders.city_id;

create function city_id_of(city text) returns bigint
    language plpgsql
as $$
declare
    wanted text := city_key(city);
    found_id bigint;
begin
    if wanted is null then
        return null;
    end if;
    loop
        select id into found_id from cities where key = wanted;
        if found then
            return found_id;
        end if;
        insert into cities (name, key) values (btrim(city), wanted) on conflict (key) do nothing;
    end loop;
end
$$;

create function orders_cities_in_step() returns trigger
    language plpgsql
as $$
declare
    by_old_writer boolean := case
        when tg_op = 'INSERT' then new.city_id is null
        else new.city_id is not distinct from old.city_id
    end;
begin
    if by_old_writer then
        new.city_id := city_id_of(new.city);
    elsif new.city_id is distinct from city_id_of(new.city) then
        new.city := (select name from cities where id = new.city_id);
    end if;
    return new;
end
$$;

create trigger orders_cities_in_step before insert or update of city, city_id on orders
    for each row execute function orders_cities_in_step();
