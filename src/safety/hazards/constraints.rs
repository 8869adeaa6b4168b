use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "adding-foreign-key-constraint",
        Verdict::BlocksWrites,
        "both tables bar writing while all rows are looked up",
        "add it NOT VALID, and validate it in a later revision",
    ),
    text(
        "constraint-missing-not-valid",
        Verdict::BlocksEverything,
        "all rows are checked under ACCESS EXCLUSIVE, also by a VALIDATE in the transaction that adds the constraint",
        "add it NOT VALID, and validate it in a later revision",
    ),
    text(
        "disallowed-unique-constraint",
        Verdict::BlocksEverything,
        "the index is built under ACCESS EXCLUSIVE",
        "build a unique index concurrently, and add the constraint USING INDEX",
    ),
    text(
        "adding-serial-primary-key-field",
        Verdict::BlocksEverything,
        "the index is built, and the columns are scanned for NULL, under ACCESS EXCLUSIVE",
        "make the columns NOT NULL through a validated CHECK, build a unique index concurrently, and add the key USING INDEX",
    ),
    text(
        "adding-exclusion-constraint",
        Verdict::BlocksEverything,
        "the index is built under ACCESS EXCLUSIVE, and there is neither NOT VALID nor USING INDEX",
        "make a new table with the constraint, keep it in step by a trigger, and move the rows in batches",
    ),
    text(
        "ban-alter-domain-with-add-constraint",
        Verdict::BlocksWrites,
        "each table with a column of the domain bars writing while it is scanned, and so it does for a VALIDATE of the domain's constraint",
        "put a CHECK on each of the tables, NOT VALID, and validate it in a later revision",
    ),
    text(
        "ban-create-domain-with-constraint",
        Verdict::Safe,
        "a constraint of a domain cannot be changed without scanning all tables that use it",
        "put a CHECK on each table",
    ),
    text(
        "ban-drop-constraint",
        Verdict::BriefLock,
        "a guarantee goes that the running version may rely on; of a foreign key the other table is locked with ACCESS EXCLUSIVE as well",
        "drop it in a revision of its own, once nothing relies on it",
    ),
    text(
        "ban-new-write-restriction",
        Verdict::BriefLock,
        "from then on writes of the running version may fail, also before the constraint is validated",
        "deploy a version that keeps to it first",
    ),
    text(
        "referencing-existing-table",
        Verdict::BriefLock,
        "making the table bars writing to the one that it refers to, and waits for those who write",
        "make the table without the foreign key, and add that NOT VALID in a revision of its own",
    ),
];
