-- before
create table accounts (id bigint primary key, email text);
-- hazard
-- On an empty table: with rows it fails.
alter table accounts add column name text not null;
-- recipe 1
alter table accounts add column name text;
alter table accounts add constraint accounts_name_there check (name is not null) not valid;
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update accounts set name = '' where name is null;
-- recipe 3
alter table accounts validate constraint accounts_name_there;
