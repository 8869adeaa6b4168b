use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "require-concurrent-partition-detach",
        Verdict::BlocksEverything,
        "the parent and the partition are locked with ACCESS EXCLUSIVE",
        "DETACH PARTITION .. CONCURRENTLY in a revision with `no-transaction`",
    ),
    text(
        "attaching-partition",
        Verdict::BlocksEverything,
        "the table, and the default partition where there is one, are scanned under ACCESS EXCLUSIVE",
        "give the table a CHECK of the same bounds, NOT VALID, and validate it before; give the default partition one that excludes them",
    ),
    text(
        "creating-partition",
        Verdict::BlocksEverything,
        "the parent is locked with ACCESS EXCLUSIVE, and a default partition is scanned under it",
        "CREATE TABLE .. (LIKE parent INCLUDING ALL), and attach it, which locks the parent with SHARE UPDATE EXCLUSIVE; give the default partition a validated CHECK that excludes its bounds",
    ),
    text(
        "ban-detach-inheritance",
        Verdict::BreaksRunningVersion,
        "queries on the parent no longer find the rows",
        "deploy a version that reads the table itself first",
    ),
];
