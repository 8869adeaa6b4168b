use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "vacuuming-full",
        Verdict::BlocksEverything,
        "the table and its indexes are rewritten under ACCESS EXCLUSIVE",
        "use pg_repack or pg_squeeze outside a revision; a plain VACUUM bars nobody",
    ),
    text(
        "clustering-table",
        Verdict::BlocksEverything,
        "the table and its indexes are rewritten under ACCESS EXCLUSIVE",
        "use pg_repack or pg_squeeze outside a revision",
    ),
    text(
        "prefer-repack",
        Verdict::BlocksEverything,
        "VACUUM FULL and CLUSTER rewrite the table under ACCESS EXCLUSIVE; told instead of `vacuuming-full` and `clustering-table` from PostgreSQL 19 on",
        "REPACK (CONCURRENTLY), which PostgreSQL 19 has",
    ),
    text(
        "refreshing-materialized-view",
        Verdict::BlocksEverything,
        "the view cannot be read until its query has run",
        "give it a unique index, and REFRESH MATERIALIZED VIEW CONCURRENTLY",
    ),
    text(
        "changing-persistence",
        Verdict::BlocksEverything,
        "the table and its indexes are rewritten under ACCESS EXCLUSIVE, and an unlogged one is empty after a crash and on standbys",
        "make a new table, and move the rows in batches",
    ),
    text(
        "changing-tablespace",
        Verdict::BlocksEverything,
        "the files are copied under ACCESS EXCLUSIVE",
        "REINDEX (TABLESPACE name) CONCURRENTLY for an index; for a table make a new one, and move the rows in batches",
    ),
    text(
        "changing-access-method",
        Verdict::BlocksEverything,
        "the table is rewritten under ACCESS EXCLUSIVE",
        "make a new table of that method, and move the rows in batches",
    ),
    text(
        "locking-table",
        Verdict::BlocksEverything,
        "the table stays locked until the transaction ends, with ACCESS EXCLUSIVE where no mode is named",
        "lock as weakly as will do, behind everything slow",
    ),
    text(
        "disabling-lock-timeout",
        Verdict::BlocksEverything,
        "a statement that waits for its lock makes everybody behind it wait, for as long as the one in front stays",
        "leave the limit as it is; the directive `lock-timeout 10s` sets another one",
    ),
    text(
        "altering-several-tables",
        Verdict::BriefLock,
        "locks of several tables are held at a time: an application that takes them in another order runs into a deadlock",
        "give each table a revision of its own",
    ),
];
