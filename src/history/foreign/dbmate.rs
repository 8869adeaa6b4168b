use super::ForeignRow;
use super::source::{Cells, Source, TEXT};

/// dbmate and Rails call their table as golang-migrate does, but write the version as a text.
pub(super) const SOURCE: Source = Source {
    tables: &["schema_migrations"],
    columns: &[("version", TEXT)],
    only: true,
    select: "version",
    order: "version",
    rows,
};

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    rows.iter().map(|cells| ForeignRow::applied(cells.text(0), None)).collect()
}
