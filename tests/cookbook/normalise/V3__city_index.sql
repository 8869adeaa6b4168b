-- The index that a delete of a city, and a join from it, looks for.
-- hardtack: requires V2
-- hardtack: no-transaction
-- hardtack: check "each order has the city that it names" select not exists (select from orders left join cities on cities.id = city_id where cities.key is distinct from city_key(city))
-- hardtack: lock-timeout 2s
create index concurrently orders_city_id_idx on orders (city_id);

alter table orders validate constraint orders_city_id_fkey;
