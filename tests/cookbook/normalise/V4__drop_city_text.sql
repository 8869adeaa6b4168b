-- hardtack: allow ban-drop-column "unused since the release that reads and writes city_id"
-- hardtack: allow ban-drop-function "they kept city in step"
-- hardtack: lock-timeout 2s
drop trigger orders_cities_in_step on orders;

drop function orders_cities_in_step();

alter table orders drop column city;

drop function city_id_of(text);
