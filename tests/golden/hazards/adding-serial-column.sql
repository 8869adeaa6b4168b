-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts add column number bigserial;
-- recipe 1
alter table accounts add column number bigint;
create sequence accounts_number_seq owned by accounts.number;
alter table accounts alter column number set default nextval('accounts_number_seq');
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update accounts set number = nextval('accounts_number_seq') where number is null;
