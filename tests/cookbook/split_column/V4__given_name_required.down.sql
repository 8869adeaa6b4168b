alter table customers
    alter column given_name drop not null,
    add constraint customers_given_name_there check (given_name is not null) not valid;
