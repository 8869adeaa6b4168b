-- before
create table events (id bigint);
insert into events select generate_series(1, 100);
-- hazard
alter table events add primary key (id);
-- recipe 1
alter table events add constraint events_id_there check (id is not null) not valid;
-- recipe 2
alter table events validate constraint events_id_there;
-- recipe 3
-- hardtack: no-transaction
create unique index concurrently events_pkey on events (id);
-- recipe 4
-- hardtack: allow adding-not-nullable-field "events_id_there proves it, so nothing is scanned"
alter table events alter column id set not null;
alter table events add constraint events_pkey primary key using index events_pkey;
alter table events drop constraint events_id_there;
