use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::Throttle;
use super::key::{Key, Position};
use crate::revisions::RevisionError;
use crate::revisions::types::TableRow;

/// A value on its way into a column.
pub(super) type Value = Box<dyn ToSql + Sync + Send>;

/// What a function makes of a row, for one column.
pub(super) type Setter<R> = Box<dyn Fn(&R) -> Result<Value, RevisionError> + Send + Sync>;

/// What is done to the rows of a batch.
#[derive(Clone)]
pub(super) enum Work {
    /// The server does it: the statement up to its `where`, and what stands behind it.
    Statement { head: String, tail: &'static str },
    /// A function does it.
    Rows(Arc<dyn RowWork>),
}

/// A function on rows, whatever their type.
pub(super) trait RowWork: Send + Sync {
    /// The columns that it reads.
    fn read(&self) -> &'static [&'static str];

    /// The columns that it writes.
    fn written(&self) -> Vec<&'static str>;

    /// Columns that the server sets beside, as `"a" = expression`.
    fn assignments(&self) -> &[String];

    /// What it writes for a row of a query that selects [`read`](Self::read), and more behind.
    fn values(&self, row: &Row) -> Result<Vec<Value>, RevisionError>;
}

/// Functions on a table's rows, a column each.
pub(super) struct Setters<R> {
    pub(super) columns: Vec<(&'static str, Setter<R>)>,
    pub(super) assignments: Vec<String>,
}

impl<R: TableRow> RowWork for Setters<R> {
    fn read(&self) -> &'static [&'static str] {
        R::COLUMNS
    }

    fn written(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(column, _)| *column).collect()
    }

    fn assignments(&self) -> &[String] {
        &self.assignments
    }

    fn values(&self, row: &Row) -> Result<Vec<Value>, RevisionError> {
        let row = R::from_row(row)?;
        self.columns.iter().map(|(_, set)| set(&row)).collect()
    }
}

/// A backfill as its workers know it.
pub(super) struct Spec {
    pub(super) name: String,
    /// Quoted.
    pub(super) table: &'static str,
    pub(super) key: Key,
    /// Which rows; all where there is none.
    pub(super) filter: Option<String>,
    pub(super) work: Work,
    /// The longest that a batch may hold its row locks.
    pub(super) target: Duration,
    pub(super) most_rows: u64,
    /// The pause after a batch, as a multiple of the time it took.
    pub(super) rest: f64,
    /// How many rows may be skipped.
    pub(super) may_skip: u64,
    pub(super) throttles: Vec<Throttle>,
    /// What opens each transaction.
    pub(super) begin: String,
    /// Whether another server session may get the next transaction.
    pub(super) pooled: bool,
}

impl Spec {
    /// What it does, in one text: another text is another backfill.
    pub(super) fn text(&self) -> String {
        let what = match &self.work {
            Work::Statement { head, tail } => format!("{head} where .. {tail}"),
            Work::Rows(work) => {
                format!(
                    "{} function sets {} {}",
                    self.table,
                    work.written().join(", "),
                    work.assignments().join(", ")
                )
            }
        };
        let filter = self.filter.as_ref().map_or(String::new(), |filter| format!(" filter {filter}"));
        format!("{} along {}{filter}", what.trim(), self.key.columns())
    }

    /// The condition of a batch.
    pub(super) fn condition(&self, after: Option<&Position>, upto: Option<&Position>) -> String {
        let mut condition = self.key.between(after, upto);
        if let Some(filter) = &self.filter {
            // A String takes everything.
            let _ = write!(condition, " and ({filter})");
        }
        condition
    }

    /// A query for the key that so many rows end with; no row where there are fewer.
    pub(super) fn bound_query(&self, after: Option<&Position>, upto: Option<&Position>, rows: u64) -> String {
        let skipped = rows.saturating_sub(1);
        self.one_key(after, upto, &format!("{} offset {skipped}", self.key.columns()))
    }

    /// A query for the last key between two places; no row where there is none.
    pub(super) fn last_query(&self, after: Option<&Position>, upto: Option<&Position>) -> String {
        self.one_key(after, upto, &self.key.descending())
    }

    /// The query for one row is apart, so that only its values are turned into text, which has an order of its own.
    fn one_key(&self, after: Option<&Position>, upto: Option<&Position>, order: &str) -> String {
        let (texts, columns, between) = (self.key.texts(), self.key.columns(), self.key.between(after, upto));
        format!(
            "select {texts} from (select {columns} from {} where {between} order by {order} limit 1) as found",
            self.table
        )
    }
}
