-- before
create type address as (town text);
-- hazard
alter type address add attribute street text;
-- recipe
create type address_2 as (town text, street text);
