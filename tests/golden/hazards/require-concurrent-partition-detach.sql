-- needs: 14
-- before
create table events (id bigint, day date) partition by range (day);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
insert into events select n, '2025-03-01' from generate_series(1, 100) n;
-- hazard
alter table events detach partition events_2025;
-- recipe
-- hardtack: no-transaction
alter table events detach partition events_2025 concurrently;
