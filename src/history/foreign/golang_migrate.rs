use super::source::{BOOLEAN, Cells, NUMBER, Source};
use super::{ForeignRow, ForeignState};

/// golang-migrate keeps one row: the version at which it is.
pub(super) const SOURCE: Source = Source {
    tables: &["schema_migrations"],
    columns: &[("version", NUMBER), ("dirty", BOOLEAN)],
    only: false,
    select: "version, dirty",
    order: "version",
    rows,
};

const DIRTY: &str = "golang-migrate failed in it: mend the database by hand, then tell it where it is with \
    `migrate force VERSION`";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| ForeignRow {
        // Before its first version it is at -1, which is no name.
        version: cells.text(0).parse().ok(),
        name: None,
        state: if cells.is(1) { ForeignState::Broken(DIRTY) } else { ForeignState::Head },
        ..ForeignRow::applied(cells.text(0), None)
    };
    rows.iter().map(row).collect()
}
