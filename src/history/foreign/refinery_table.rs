use super::source::{Cells, NUMBER, Source, TEXT};
use super::{ForeignRow, ForeignState};

/// Both of refinery's tables: `version` is `int4`, or `int8` with its feature `int8-versions`.
pub(super) const SOURCE: Source = Source {
    tables: &["refinery_schema_history"],
    columns: &[("version", NUMBER), ("name", TEXT), ("applied_on", TEXT), ("checksum", TEXT)],
    only: false,
    select: "version, name, applied_on, checksum",
    order: "version",
    rows,
};

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| ForeignRow {
        id: cells.text(0),
        version: cells.text(0).parse().ok(),
        name: Some(cells.text(1)),
        state: ForeignState::Applied,
        applied_at: Some(cells.text(2)),
        checksum: Some(cells.text(3)),
    };
    rows.iter().map(row).collect()
}
