drop table hardtack.backfill_reject;
drop table hardtack.backfill_range;
drop table hardtack.backfill;
drop table hardtack.deferred;
