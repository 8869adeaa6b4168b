-- The index that a delete of a city, and a join from it, looks for.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
create index concurrently orders_city_id_idx on orders (city_id);

alter table orders validate constraint orders_city_id_fkey;
