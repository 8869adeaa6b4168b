use super::{FoundBy, Hazard, Verdict};

/// What only a database or a rehearsal tells.
pub(super) const ROWS: &[Hazard] = &[
    database(
        "large-table",
        Verdict::BlocksEverything,
        "a lock that is brief on a small table lasts minutes on this one",
        "the recipe of the hazard that it makes worse",
    ),
    database(
        "rewrites-table",
        Verdict::BlocksEverything,
        "the table and its indexes are written anew under ACCESS EXCLUSIVE",
        "add beside it, fill by a backfill, change over",
    ),
    database(
        "scans-table",
        Verdict::BlocksEverything,
        "all rows are read while the lock is held",
        "let the lock and the scan be of two revisions: NOT VALID, then VALIDATE",
    ),
    database(
        "unvalidated-constraint",
        Verdict::BriefLock,
        "a constraint that counts as a proof is not validated, so that the table is scanned after all, or old rows break it",
        "VALIDATE CONSTRAINT in a revision before",
    ),
    database(
        "invalid-index",
        Verdict::BriefLock,
        "an index that a build has left behind is kept up by every write, and used by no query",
        "DROP INDEX CONCURRENTLY, or REINDEX INDEX CONCURRENTLY",
    ),
    database(
        "column-in-use",
        Verdict::BreaksRunningVersion,
        "something in the database still reads or writes the column: a view, function, trigger, index or policy",
        "change or drop that first",
    ),
    database(
        "table-in-use",
        Verdict::BreaksRunningVersion,
        "the table was read or written a moment ago",
        "see who it is in pg_stat_activity, and deploy a version that does without it first",
    ),
    database(
        "many-partitions",
        Verdict::BriefLock,
        "every partition is locked and changed in one transaction",
        "change the partitions one by one, each in a revision of its own, and the parent ONLY at the end",
    ),
    database(
        "lock-table-full",
        Verdict::Safe,
        "the step needs more locks than the server has room for, so it fails and is rolled back",
        "do it in parts, or raise max_locks_per_transaction",
    ),
    database(
        "long-transaction",
        Verdict::BlocksEverything,
        "a transaction is open that holds a lock or a snapshot which the step has to wait for, and everybody waits behind the step",
        "wait for its end, or end it; the lock timeout limits what others feel",
    ),
    database(
        "prepared-transaction",
        Verdict::BlocksEverything,
        "a prepared transaction holds locks, and no session will end it",
        "COMMIT PREPARED or ROLLBACK PREPARED",
    ),
    database(
        "wraparound-autovacuum",
        Verdict::BlocksEverything,
        "an autovacuum that prevents wraparound holds its lock on the table, and does not give way",
        "wait for its end, or VACUUM the table beforehand",
    ),
    database(
        "disk-space",
        Verdict::BriefLock,
        "there is less room than the table or index that is written anew takes, and its WAL",
        "make room, or move the rows in batches",
    ),
    database(
        "replication-slot",
        Verdict::BriefLock,
        "a slot keeps WAL back, and what the step writes fills the disk with it",
        "see to the subscriber, or drop the slot; write in batches",
    ),
    database(
        "standby-conflict",
        Verdict::BriefLock,
        "queries on a standby are cancelled by the lock when it is replayed there, or hold the replay up",
        "run it while the standby is quiet; set max_standby_streaming_delay",
    ),
    database(
        "logical-replication",
        Verdict::BriefLock,
        "the table is published, and subscribers do not get DDL: they stop at the first row that does not fit",
        "change the subscriber first where something is added, and last where something is dropped",
    ),
    database(
        "event-trigger",
        Verdict::Unknown,
        "an event trigger runs at the step's DDL, and may refuse it or do more",
        "read its function; disable it around the step if you may",
    ),
    database(
        "half-done",
        Verdict::Unknown,
        "a step without transaction has stopped on its way, and part of it is done",
        "`hardtack status` says where; `hardtack upgrade` takes it up there",
    ),
    rehearsal(
        "long-lock",
        Verdict::BlocksEverything,
        "in the rehearsal the lock was held longer than the limit",
        "let what is slow and what locks be of two revisions",
    ),
    rehearsal(
        "writes-many-rows",
        Verdict::BlocksWrites,
        "in the rehearsal one transaction wrote more rows than the limit",
        "fill the rows in batches by a backfill",
    ),
    rehearsal(
        "opaque-code",
        Verdict::Unknown,
        "the step runs code, SQL in a block or Rust, that was not run, so nobody can tell what it does",
        "rehearse it on a copy",
    ),
];

const fn database(
    name: &'static str,
    verdict: Verdict,
    danger: &'static str,
    recipe: &'static str,
) -> Hazard {
    Hazard { name, found: FoundBy::Database, verdict, danger, recipe }
}

const fn rehearsal(
    name: &'static str,
    verdict: Verdict,
    danger: &'static str,
    recipe: &'static str,
) -> Hazard {
    Hazard { name, found: FoundBy::Rehearsal, verdict, danger, recipe }
}
