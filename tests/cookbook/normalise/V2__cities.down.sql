-- Nothing is lost: city was kept in step.
drop trigger orders_cities_in_step on orders;

drop function orders_cities_in_step();

alter table orders drop column city_id;

drop function city_id_of(text);

drop table cities;

drop function city_key(text);
