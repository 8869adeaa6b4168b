use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

use super::domain::SeeThrough;

/// A row of a table or view, as a snapshot knows it: the `Row` of a table's module in `schema`.
///
/// The build implements it. [`Context::rows`](crate::Context::rows) reads such rows.
pub trait TableRow: Sized {
    /// The table with its schema, quoted: `"public"."accounts"`.
    const TABLE: &'static str;
    /// The columns, quoted, in their order: the select list, joined by commas.
    const COLUMNS: &'static [&'static str];

    /// Takes the row of a query that selects [`COLUMNS`](Self::COLUMNS), and perhaps more behind them.
    ///
    /// # Errors
    /// A value that its column's Rust type has no room for, or a row of something else.
    fn from_row(row: &Row) -> Result<Self, ReadError>;
}

/// Why a row could not be read.
#[derive(Debug, thiserror::Error)]
#[error("read column {column} of {table}: {}", cause(.source))]
pub struct ReadError {
    /// The table with its schema, quoted.
    pub table: &'static str,
    /// The column, quoted.
    pub column: &'static str,
    /// What the driver said.
    pub source: tokio_postgres::Error,
}

/// The driver's error names the column by its number; its cause says what is wrong.
fn cause(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Takes values out of a row from left to right.
#[derive(Debug)]
pub struct RowReader<'a> {
    row: &'a Row,
    table: &'static str,
    next: usize,
}

impl<'a> RowReader<'a> {
    /// Starts at the first column of a row of that table.
    #[must_use]
    pub fn new<R: TableRow>(row: &'a Row) -> Self {
        Self { row, table: R::TABLE, next: 0 }
    }

    /// The next value, which is the one of `column`.
    ///
    /// # Errors
    /// A value that the type has no room for; that there is none.
    pub fn value<T: FromSqlOwned>(&mut self, column: &'static str) -> Result<T, ReadError> {
        let read = self.row.try_get::<_, SeeThrough<T>>(self.next);
        self.next += 1;
        read.map(|SeeThrough(value)| value).map_err(|source| ReadError { table: self.table, column, source })
    }
}
