-- before
create type mood as enum ('ok');
create table notes (id bigint primary key, mood mood);
-- hazard
alter type mood rename value 'ok' to 'fine';
-- recipe 1
alter type mood add value 'fine' after 'ok';
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update notes set mood = 'fine' where mood = 'ok';
