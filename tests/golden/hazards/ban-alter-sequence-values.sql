-- before
create sequence numbers;
-- hazard
alter sequence numbers restart with 1;
-- recipe
select setval('numbers', greatest(nextval('numbers'), 1000));
