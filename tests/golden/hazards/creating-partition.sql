-- before
create table events (id bigint, day date) partition by range (day);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
insert into events select n, '2025-03-01' from generate_series(1, 100) n;
create table events_rest partition of events default;
-- hazard
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
-- recipe 1
alter table events_rest add constraint not_2026 check (day is not null and (day < '2026-01-01' or day >= '2027-01-01')) not valid;
-- recipe 2
alter table events_rest validate constraint not_2026;
-- recipe 3
create table events_2026 (like events including all);
alter table events_2026 add constraint bounds check (day is not null and day >= '2026-01-01' and day < '2027-01-01');
alter table events attach partition events_2026 for values from ('2026-01-01') to ('2027-01-01');
