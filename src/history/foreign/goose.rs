use std::collections::BTreeMap;

use super::source::{BOOLEAN, Cells, NUMBER, Source};
use super::{ForeignRow, ForeignState};

/// goose once wrote a row for each step, forward or back, and later deletes the row of a step back: the newest row of a
/// version holds.
pub(super) const SOURCE: Source = Source {
    tables: &["goose_db_version"],
    columns: &[("id", NUMBER), ("version_id", NUMBER), ("is_applied", BOOLEAN)],
    only: false,
    select: "version_id, is_applied, tstamp",
    order: "id",
    rows,
};

const UNDONE: &str = "undone by `goose down`";
const FIRST: &str = "goose's own first row";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let newest: BTreeMap<i64, &Cells> =
        rows.iter().filter_map(|cells| Some((cells.get(0)?.parse().ok()?, cells))).collect();
    let row = |(version, cells): (i64, &Cells)| ForeignRow {
        state: match (version, cells.is(1)) {
            (0, _) => ForeignState::Void(FIRST),
            (_, true) => ForeignState::Applied,
            (_, false) => ForeignState::Void(UNDONE),
        },
        ..ForeignRow::applied(version.to_string(), cells.get(2))
    };
    newest.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_row_of_a_version_holds() {
        let steps = [["0", "t"], ["1", "t"], ["2", "t"], ["2", "f"], ["1", "f"], ["1", "t"]];
        let rows = rows(&steps.map(|[version, applied]| Cells::from_texts(&[version, applied, "now"])));
        let states: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.state)).collect();
        let expected = [
            ("0", ForeignState::Void(FIRST)),
            ("1", ForeignState::Applied),
            ("2", ForeignState::Void(UNDONE)),
        ];
        assert_eq!(states, expected);
    }
}
