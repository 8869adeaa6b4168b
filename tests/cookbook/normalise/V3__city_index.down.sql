-- hardtack: no-transaction
drop index concurrently orders_city_id_idx;

alter table orders
    drop constraint orders_city_id_fkey,
    add constraint orders_city_id_fkey foreign key (city_id) references cities not valid;
