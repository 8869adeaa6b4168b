-- fails: unsafe use of new value
-- before
create type mood as enum ('ok');
create table notes (id bigint primary key, mood mood);
-- hazard
alter type mood add value 'fine' after 'ok';
update notes set mood = 'fine' where id = 1;
-- recipe 1
alter type mood add value 'fine' after 'ok';
-- recipe 2
update notes set mood = 'fine' where id = 1;
