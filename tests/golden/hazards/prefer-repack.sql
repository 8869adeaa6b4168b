-- needs: 19
-- before
create table events (id bigint primary key, note text);
insert into events select n, repeat('x', 100) from generate_series(1, 200000) n;
-- hazard
-- hardtack: no-transaction
vacuum full events;
-- recipe
-- hardtack: no-transaction
repack (concurrently) events;
