use std::collections::HashMap;

use super::source::{BOOLEAN, Cells, NUMBER, Source, TEXT};
use super::{ForeignRow, ForeignState, split};

/// Flyway keeps a row for each step: forward, back, failed, deleted, baseline. The newest row of a version holds, as it
/// does for Flyway. Before version 5 the table was `schema_version`.
pub(super) const SOURCE: Source = Source {
    tables: &["flyway_schema_history", "schema_version"],
    columns: &[("installed_rank", NUMBER), ("version", TEXT), ("script", TEXT), ("success", BOOLEAN)],
    only: false,
    select: "version, description, type, script, installed_on, success",
    order: "installed_rank",
    rows,
};

const FAILED: &str =
    "Flyway failed in it: look at what it left behind, mend that, and let `flyway repair` take the row away";
const UNDONE: &str = "undone by `flyway undo`";
const DELETED: &str = "marked as deleted by `flyway repair`";
const REPEATABLE: &str = "repeatable";
const OWN: &str = "the schema was made by Flyway";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    // A repeatable has no version, and goes by its description.
    let key =
        |cells: &Cells| (cells.get(0).map(str::to_owned), cells.get(0).is_none().then(|| cells.text(1)));
    let newest: HashMap<_, usize> =
        rows.iter().enumerate().map(|(index, cells)| (key(cells), index)).collect();
    let holds = |(index, cells): &(usize, &Cells)| newest.get(&key(cells)) == Some(index);
    rows.iter().enumerate().filter(holds).map(|(_, cells)| row(cells)).collect()
}

fn row(cells: &Cells) -> ForeignRow {
    let kind = cells.text(2);
    let state = match kind.as_str() {
        _ if !cells.is(5) => ForeignState::Broken(FAILED),
        "SCHEMA" => ForeignState::Void(OWN),
        "DELETE" => ForeignState::Void(DELETED),
        kind if kind.starts_with("UNDO") => ForeignState::Void(UNDONE),
        kind if kind.contains("BASELINE") => ForeignState::Baseline,
        _ if cells.get(0).is_none() => ForeignState::Optional(REPEATABLE),
        _ => ForeignState::Applied,
    };
    // What Flyway writes by itself is in such brackets.
    let name =
        Some(cells.text(1)).filter(|description| !description.is_empty() && !description.starts_with("<<"));
    ForeignRow {
        id: cells.get(0).map_or_else(|| cells.text(3), str::to_owned),
        version: cells.get(0).and_then(number),
        name,
        state,
        applied_at: cells.get(4).map(str::to_owned),
        checksum: None,
    }
}

/// To Flyway `1`, `1.0` and `1.0.0` are one version.
fn number(version: &str) -> Option<i64> {
    let mut version = version;
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    split(version).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows_: &[[&str; 6]]) -> Vec<(String, Option<i64>, ForeignState)> {
        let cells: Vec<_> = rows_.iter().map(|row| Cells::from_texts(row)).collect();
        rows(&cells).into_iter().map(|row| (row.id, row.version, row.state)).collect()
    }

    #[test]
    fn what_became_of_a_version_is_its_newest_row() {
        let rows = read(&[
            ["", "<< Flyway Schema Creation >>", "SCHEMA", "\"app\"", "now", "t"],
            ["1.0", "<< Flyway Baseline >>", "BASELINE", "<< Flyway Baseline >>", "now", "t"],
            ["2", "accounts", "SQL", "V2__accounts.sql", "now", "t"],
            ["2", "accounts", "UNDO_SQL", "U2__accounts.sql", "now", "t"],
            ["2", "accounts", "SQL", "V2__accounts.sql", "now", "t"],
            ["1.2.1", "documents", "JDBC", "db.V1_2_1__Documents", "now", "t"],
            ["4", "gone", "SQL", "V4__gone.sql", "now", "t"],
            ["4", "gone", "DELETE", "V4__gone.sql", "now", "t"],
            ["", "views", "SQL", "R__views.sql", "now", "t"],
            ["", "views", "SQL", "R__views.sql", "now", "t"],
            ["5", "failed", "SQL", "V5__failed.sql", "now", "f"],
        ]);
        let expected = [
            ("\"app\"", None, ForeignState::Void(OWN)),
            ("1.0", Some(1), ForeignState::Baseline),
            ("2", Some(2), ForeignState::Applied),
            ("1.2.1", None, ForeignState::Applied),
            ("4", Some(4), ForeignState::Void(DELETED)),
            ("R__views.sql", None, ForeignState::Optional(REPEATABLE)),
            ("5", Some(5), ForeignState::Broken(FAILED)),
        ];
        assert_eq!(rows, expected.map(|(id, version, state)| (id.to_owned(), version, state)));
    }
}
