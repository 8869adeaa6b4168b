use super::source::{Cells, MOMENT, Source, TEXT};
use super::{ForeignRow, ForeignState};

/// Diesel keeps the digits of a folder's name alone: `2024-01-01-100000_accounts` is `20240101100000`.
pub(super) const SOURCE: Source = Source {
    tables: &["__diesel_schema_migrations"],
    columns: &[("version", TEXT), ("run_on", MOMENT)],
    only: false,
    select: "version, run_on",
    order: "version",
    rows,
};

/// The version of the migration that `diesel setup` writes.
const SETUP: &str = "00000000000000";
const HELPERS: &str = "Diesel's own helper functions";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| {
        let row = ForeignRow::applied(cells.text(0), cells.get(1));
        let is_setup = row.id == SETUP;
        ForeignRow {
            name: is_setup.then(|| "diesel_initial_setup".to_owned()),
            state: if is_setup { ForeignState::Optional(HELPERS) } else { row.state },
            ..row
        }
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_diesel_sets_up_for_itself_needs_no_revision() {
        let rows = rows(&[SETUP, "20240101100000"].map(|version| Cells::from_texts(&[version, "now"])));
        assert_eq!((rows[0].version, rows[0].name.as_deref()), (Some(0), Some("diesel_initial_setup")));
        assert_eq!(rows[0].state, ForeignState::Optional(HELPERS));
        assert_eq!((rows[1].version, rows[1].state), (Some(20_240_101_100_000), ForeignState::Applied));
    }
}
