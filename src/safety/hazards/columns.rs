use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "adding-field-with-default",
        Verdict::BlocksEverything,
        "a default that is computed for each row, or a stored generated column, rewrites the table under ACCESS EXCLUSIVE",
        "add the column without it, set the default, and fill the old rows by a backfill",
    ),
    text(
        "adding-required-field",
        Verdict::BreaksRunningVersion,
        "the statement fails on a table with rows, and inserts of the running version fail from then on",
        "add the column without NOT NULL or with a constant default, fill it, then require it through a validated CHECK",
    ),
    text(
        "adding-not-nullable-field",
        Verdict::BlocksEverything,
        "SET NOT NULL scans the whole table under ACCESS EXCLUSIVE",
        "add CHECK (column IS NOT NULL) NOT VALID, validate it in a later revision, then SET NOT NULL, which finds it proven, and drop it",
    ),
    text(
        "adding-serial-column",
        Verdict::BlocksEverything,
        "a serial column rewrites the table under ACCESS EXCLUSIVE, since its default differs in each row",
        "add a plain column, create a sequence, set the default, and fill the old rows by a backfill",
    ),
    text(
        "ban-add-column",
        Verdict::BriefLock,
        "a `SELECT *` or an INSERT without column names meets one column more",
        "name columns in the running version first",
    ),
    text(
        "ban-alter-generated-expression",
        Verdict::BlocksEverything,
        "a stored generated column, or another expression for one, rewrites the table under ACCESS EXCLUSIVE",
        "add a plain column with a trigger that fills it, and backfill the old rows",
    ),
    text(
        "ban-alter-identity",
        Verdict::BreaksRunningVersion,
        "an identity that is added, dropped or made ALWAYS makes inserts of the running version fail",
        "set a default from a sequence; or add the identity BY DEFAULT, and accept it with that as the reason",
    ),
    text(
        "ban-drop-column",
        Verdict::LosesData,
        "the values are gone, and statements of the running version that name the column fail",
        "take the column out of the application first; drop it in a later revision",
    ),
    text(
        "ban-drop-default",
        Verdict::BreaksRunningVersion,
        "inserts of the running version that leave the column out store NULL or fail",
        "deploy a version that sets the value first",
    ),
    text(
        "ban-drop-generated-expression",
        Verdict::BreaksRunningVersion,
        "the column is no longer computed, so that what the running version inserts lacks it",
        "deploy a version that sets the value first, or a trigger that computes it",
    ),
    text(
        "ban-drop-not-null",
        Verdict::BreaksRunningVersion,
        "the running version may read NULL where it expects a value",
        "deploy a version that copes with NULL first",
    ),
    text(
        "ban-set-default",
        Verdict::BriefLock,
        "rows that the running version inserts without the column get another value",
        "deploy a version that sets the value itself first",
    ),
    text(
        "changing-column-type",
        Verdict::BlocksEverything,
        "most changes of a type rewrite the table and its indexes under ACCESS EXCLUSIVE, and clients may not read the new one",
        "add a column of the new type, keep both in step by a trigger, backfill, and change over",
    ),
    text(
        "renaming-column",
        Verdict::BreaksRunningVersion,
        "statements of the running version that name the column fail",
        "add a column of the new name, keep both in step by a trigger, backfill, change over, and drop the old one",
    ),
];
