-- before
select 1;
-- hazard
create table a_name_that_is_longer_than_the_sixty_three_bytes_that_the_server_keeps (id bigint);
-- recipe
create table a_shorter_name (id bigint);
