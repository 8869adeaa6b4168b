-- What an older binary has to know of a revision that it has not: whether its code still works behind it.
alter table hardtack.step add column breaks_before bigint;

comment on column hardtack.step.breaks_before is
    'Binaries whose newest revision is older than this version do not work behind this step; null where all do.';
