-- Nothing is lost: full_name was kept in step.
drop trigger customers_names_in_step on customers;

drop function customers_names_in_step();

alter table customers
    drop column given_name,
    drop column family_name;

drop function customer_given_name(text);

drop function customer_family_name(text);
