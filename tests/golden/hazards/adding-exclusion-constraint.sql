-- before
create table stays (id bigint primary key, span int8range);
insert into stays select n, int8range(n, n + 1) from generate_series(1, 100) n;
-- hazard
alter table stays add constraint stays_apart exclude using gist (span with &&);
-- recipe 1
create table stays_apart (id bigint primary key, span int8range, exclude using gist (span with &&));
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
insert into stays_apart select id, span from stays;
