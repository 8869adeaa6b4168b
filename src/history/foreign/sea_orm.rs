use super::source::{Cells, NUMBER, Source, TEXT};
use super::{ForeignRow, split};

/// `SeaORM` keeps a module's whole name, `m20240101_100000_accounts`, and seconds since 1970.
pub(super) const SOURCE: Source = Source {
    tables: &["seaql_migrations"],
    columns: &[("version", TEXT), ("applied_at", NUMBER)],
    only: false,
    select: "version, pg_catalog.to_timestamp(applied_at::pg_catalog.float8)",
    order: "version",
    rows,
};

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| {
        let row = ForeignRow::applied(cells.text(0), cells.get(1));
        let (version, name) = split(row.id.strip_prefix('m').unwrap_or(&row.id));
        // Without a number it was no prefix.
        if version.is_some() { ForeignRow { version, name, ..row } } else { row }
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_no_part_of_the_name() {
        let names = ["m20240101_100000_accounts", "make_accounts"].map(|id| Cells::from_texts(&[id, "now"]));
        let rows = rows(&names);
        assert_eq!((rows[0].version, rows[0].name.as_deref()), (Some(20_240_101_100_000), Some("accounts")));
        assert_eq!((rows[1].version, rows[1].name.as_deref()), (None, Some("make_accounts")));
    }
}
