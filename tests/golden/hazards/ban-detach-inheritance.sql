-- before
create table events (id bigint);
create table events_2025 () inherits (events);
-- hazard
alter table events_2025 no inherit events;
-- recipe
-- hardtack: allow ban-detach-inheritance "2.4 reads the table itself"
alter table events_2025 no inherit events;
