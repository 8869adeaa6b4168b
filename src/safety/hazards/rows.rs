use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "update-without-where",
        Verdict::BlocksWrites,
        "every row is written anew, and nobody else can write one of them until the transaction ends",
        "fill the rows in batches by a backfill, or say which rows are meant",
    ),
    text(
        "delete-without-where",
        Verdict::LosesData,
        "every row is gone, and was locked until the transaction ended",
        "say which rows are meant, or delete them in batches by a backfill",
    ),
    text(
        "truncating-table",
        Verdict::LosesData,
        "every row is gone; the table is locked with ACCESS EXCLUSIVE, and snapshots that are older see it empty",
        "delete rows in batches by a backfill, or make a new table",
    ),
    text(
        "ban-truncate-cascade",
        Verdict::LosesData,
        "every row is gone, also of tables that refer to this one, and of those that refer to them",
        "delete rows in batches by a backfill, or TRUNCATE by name each table that is meant",
    ),
    text(
        "ban-duplicate-column-assignments",
        Verdict::Safe,
        "the server refuses a column that is given twice, so the revision fails and is rolled back",
        "give it once",
    ),
];
