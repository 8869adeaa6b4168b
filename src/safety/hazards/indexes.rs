use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "require-concurrent-index-creation",
        Verdict::BlocksWrites,
        "the table bars writing while the index is built",
        "CREATE INDEX CONCURRENTLY in a revision with `no-transaction`",
    ),
    text(
        "require-concurrent-index-deletion",
        Verdict::BlocksEverything,
        "the table is locked with ACCESS EXCLUSIVE until the transaction ends",
        "DROP INDEX CONCURRENTLY in a revision with `no-transaction`; of a partitioned table's index there is none: drop it when few wait",
    ),
    text(
        "require-concurrent-reindex",
        Verdict::BlocksEverything,
        "the table bars writing while the index is built anew, and most reading as well, for each plan locks the index",
        "REINDEX CONCURRENTLY in a revision with `no-transaction`",
    ),
    text(
        "ban-drop-index",
        Verdict::BriefLock,
        "queries of the running version that use the index become slow",
        "see in pg_stat_user_indexes that nothing uses it, and drop it concurrently",
    ),
];
