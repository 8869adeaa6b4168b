-- before
create table accounts (id bigint primary key);
insert into accounts select generate_series(1, 100);
-- hazard
alter table accounts alter column id add generated always as identity;
-- recipe
create sequence accounts_id_seq owned by accounts.id;
select setval('accounts_id_seq', (select max(id) from accounts));
alter table accounts alter column id set default nextval('accounts_id_seq');
