use super::source::{BOOLEAN, Cells, NUMBER, Source, TEXT};
use super::{ForeignRow, ForeignState};

pub(super) const SOURCE: Source = Source {
    tables: &["_sqlx_migrations"],
    columns: &[("version", NUMBER), ("description", TEXT), ("success", BOOLEAN), ("checksum", &["bytea"])],
    only: false,
    select: "version, description, success, installed_on",
    order: "version",
    rows,
};

const DIRTY: &str = "sqlx began it and never ended it: look at what it left behind, mend that, then set `success` in its \
    row or delete the row, as `sqlx migrate` asks for too";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| ForeignRow {
        id: cells.text(0),
        version: cells.text(0).parse().ok(),
        name: Some(cells.text(1)).filter(|description| !description.is_empty()),
        state: if cells.is(2) { ForeignState::Applied } else { ForeignState::Broken(DIRTY) },
        applied_at: Some(cells.text(3)),
        checksum: None,
    };
    rows.iter().map(row).collect()
}
