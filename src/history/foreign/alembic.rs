use super::source::{Cells, Source, TEXT};
use super::{ForeignRow, ForeignState};

/// Alembic keeps the newest revision's id alone; where branches were never merged, each branch's.
pub(super) const SOURCE: Source = Source {
    tables: &["alembic_version"],
    columns: &[("version_num", TEXT)],
    only: true,
    select: "version_num",
    order: "version_num",
    rows,
};

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row =
        |cells: &Cells| ForeignRow { state: ForeignState::Head, ..ForeignRow::applied(cells.text(0), None) };
    rows.iter().map(row).collect()
}
