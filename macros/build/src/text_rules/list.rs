use crate::rules::Class;

/// A rule of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextRule {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    /// What is dangerous, as a fragment.
    pub(crate) message: &'static str,
    /// The safe way, as a fragment.
    pub(crate) help: &'static str,
}

const fn hazard(name: &'static str, message: &'static str, help: &'static str) -> TextRule {
    TextRule { name, class: Class::Hazard, message, help }
}

const fn advice(name: &'static str, message: &'static str, help: &'static str) -> TextRule {
    TextRule { name, class: Class::Advice, message, help }
}

pub(crate) const RULES: &[TextRule] = &[
    hazard(
        "adding-exclusion-constraint",
        "an exclusion constraint builds its index under ACCESS EXCLUSIVE, and has no NOT VALID",
        "add it while the table is small, or to a new table that takes the rows over",
    ),
    hazard(
        "adding-serial-column",
        "a serial column rewrites the table under ACCESS EXCLUSIVE",
        "add a plain column, fill it by a backfill, and give it its sequence then",
    ),
    hazard(
        "changing-access-method",
        "another access method rewrites the table under ACCESS EXCLUSIVE",
        "make a new table of that method and move the rows in batches",
    ),
    hazard(
        "changing-persistence",
        "SET LOGGED and SET UNLOGGED rewrite the table under ACCESS EXCLUSIVE; an unlogged one is empty after a crash",
        "make a new table and move the rows in batches",
    ),
    hazard(
        "changing-tablespace",
        "the whole file is copied under ACCESS EXCLUSIVE",
        "build indexes anew with REINDEX (TABLESPACE ..) CONCURRENTLY; move a table's rows to a new one in batches",
    ),
    hazard(
        "clustering-table",
        "CLUSTER rewrites the table under ACCESS EXCLUSIVE",
        "use pg_repack or pg_squeeze, outside a revision",
    ),
    hazard(
        "delete-without-where",
        "every row is deleted",
        "say which rows are meant, or delete them in batches by a backfill",
    ),
    hazard(
        "disabling-lock-timeout",
        "without a lock timeout a statement that waits stops everybody behind it",
        "take it out; `-- hardtack: lock-timeout 10s` sets another one",
    ),
    hazard(
        "dropping-owned-objects",
        "whatever the role owns in this database is dropped, and its rights go",
        "hand it over with REASSIGN OWNED first, and drop by name what has to go",
    ),
    hazard(
        "dropping-role",
        "a version that still logs in with the role cannot any more",
        "take its right to log in first, and drop it in a later revision",
    ),
    hazard(
        "refreshing-materialized-view",
        "the view cannot be read until its query has run",
        "give it a unique index and refresh it CONCURRENTLY",
    ),
    hazard(
        "truncating-table",
        "every row is gone, and the table is locked with ACCESS EXCLUSIVE",
        "delete the rows that have to go in batches, by a backfill",
    ),
    hazard(
        "update-without-where",
        "every row is rewritten, and stays locked until the transaction ends",
        "update in batches, by a backfill",
    ),
    hazard(
        "vacuuming-full",
        "VACUUM FULL rewrites the table under ACCESS EXCLUSIVE",
        "use pg_repack or pg_squeeze, outside a revision",
    ),
    advice(
        "altering-several-tables",
        "locks of several tables are held at a time, which invites deadlocks",
        "give each table a revision of its own",
    ),
    advice(
        "attaching-partition",
        "the partition is scanned under ACCESS EXCLUSIVE, and so is the default one",
        "give it a CHECK that says its bounds, validate that, and attach it then",
    ),
    advice(
        "bypassing-triggers",
        "with session_replication_role set, neither foreign keys nor triggers see what is written",
        "let them see it, in batches if they are slow",
    ),
    advice(
        "changing-owner",
        "a version that logs in with another role may lose its rights",
        "make the old role a member of the new one first",
    ),
    advice(
        "creating-partition",
        "the parent is locked with ACCESS EXCLUSIVE, and the default partition scanned under it",
        "make a table LIKE the parent, and attach it",
    ),
    advice(
        "creating-rule",
        "a rule rewrites the statements of the running version, under ACCESS EXCLUSIVE on the table",
        "use a trigger, or a view of another name",
    ),
    advice(
        "creating-trigger",
        "the trigger runs for the running version's writes as well, and making it bars them",
        "keep it quick and forgiving, in a revision of its own",
    ),
    advice(
        "dropping-with-cascade",
        "whatever hangs on the object is dropped with it, unnamed",
        "drop by name what has to go, without CASCADE",
    ),
    advice(
        "locking-table",
        "the table stays locked until the transaction ends",
        "lock as late and as weakly as will do, and nothing slow behind it",
    ),
    advice(
        "referencing-existing-table",
        "a foreign key of a new table bars writing to the table that it refers to",
        "make the table without it, and add it NOT VALID in a revision of its own",
    ),
    // The literal may be a plain text that only looks like the value.
    advice(
        "using-new-enum-value",
        "the server refuses a value in the transaction that adds it",
        "add the value in a revision of its own, in front of this one",
    ),
];
