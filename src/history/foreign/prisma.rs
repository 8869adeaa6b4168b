use super::source::{Cells, MOMENT, Source, TEXT};
use super::{ForeignRow, ForeignState};

/// Prisma keeps a row for each attempt: unfinished, rolled back or finished.
pub(super) const SOURCE: Source = Source {
    tables: &["_prisma_migrations"],
    columns: &[("migration_name", TEXT), ("finished_at", MOMENT), ("rolled_back_at", MOMENT)],
    only: false,
    select: "migration_name, finished_at, rolled_back_at",
    order: "started_at, migration_name",
    rows,
};

const UNFINISHED: &str = "Prisma began it and never ended it: look at what it left behind, then say so with `prisma migrate \
    resolve --applied` or `--rolled-back`";
const ROLLED_BACK: &str = "an attempt that was rolled back";

fn rows(rows: &[Cells]) -> Vec<ForeignRow> {
    let row = |cells: &Cells| ForeignRow {
        state: match (cells.get(1), cells.get(2)) {
            (_, Some(_)) => ForeignState::Void(ROLLED_BACK),
            (None, None) => ForeignState::Broken(UNFINISHED),
            (Some(_), None) => ForeignState::Applied,
        },
        ..ForeignRow::applied(cells.text(0), cells.get(1))
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_is_told_from_the_others() {
        let rows = rows(&[
            Cells::from_texts(&["20240101100000_accounts", "", "yesterday"]),
            Cells::from_texts(&["20240101100000_accounts", "today", ""]),
            Cells::from_texts(&["20240102100000_documents", "", ""]),
        ]);
        let states: Vec<_> = rows.iter().map(|row| row.state).collect();
        let expected =
            [ForeignState::Void(ROLLED_BACK), ForeignState::Applied, ForeignState::Broken(UNFINISHED)];
        assert_eq!(states, expected);
        assert_eq!((rows[1].version, rows[1].name.as_deref()), (Some(20_240_101_100_000), Some("accounts")));
    }
}
