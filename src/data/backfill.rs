use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::types::ToSql;
use tracing::Instrument;

use super::key::Key;
use super::run::{self, BackfillReport};
use super::store::Identity;
use super::work::{Setter, Setters, Spec, Value, Work};
use super::{BackfillError, Throttle};
use crate::db::{as_role, client_span, fail};
use crate::revisions::types::{Column, Columns, TableRow};
use crate::revisions::{BackfillNews, Context, RevisionResult};

/// A data migration of one table, in batches that commit one by one: [`Context::backfill`] begins one.
///
/// Batches follow a key of the table, so that each row is met once and found by an index. A batch holds its row locks for no
/// longer than [`target`](Self::target); its checkpoint, in `hardtack.backfill_range`, commits together with it. So a run that
/// was killed goes on behind the last batch, and no row is worked on twice, also where the work would not bear it.
///
/// # Rows that come or change meanwhile
///
/// A row that changes between being read and being written is read again under a lock. A row that is inserted with a key
/// behind the work's place is met as well: the work goes to the last key that there is when it begins, and once it is there
/// to the last of those that came until then. There it ends, however fast rows come. Those that are inserted after that or
/// with a smaller key are not met, nor is a row met again that changes afterwards. The application that runs meanwhile has to
/// write such rows in their new form: by itself, or by a trigger. [`verify`](Self::verify) tells whether it did.
///
/// ```
/// # mod schema {
/// #     hardtack::__table! {
/// #         accounts "\"public\".\"accounts\"";
/// #         id ID "\"id\"" "bigint not null" i64,
/// #         email EMAIL "\"email\"" "text not null" ::std::string::String,
/// #     }
/// # }
/// # use schema::accounts; /*
/// use super::schema::accounts;
/// # */
/// use std::time::Duration;
///
/// use hardtack::Throttle;
/// use hardtack::prelude::*;
///
/// # async fn up(context: &mut Context<'_>) -> Result<()> {
/// context
///     .backfill::<accounts::Row>("normalise-emails")
///     .set(accounts::EMAIL, |row| row.email.trim().to_lowercase())
///     .target(Duration::from_millis(200))
///     .throttle(Throttle::replica_bytes_behind(64 << 20))
///     .verify("select not exists (select from accounts where email <> lower(email))")
///     .run()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a backfill does nothing until it is run"]
pub struct Backfill<'c, R> {
    context: &'c Context<'c>,
    name: String,
    setters: Vec<(&'static str, Setter<R>)>,
    assignments: Vec<(&'static str, String)>,
    others: Vec<Work>,
    along: Option<Vec<String>>,
    filter: Option<String>,
    target: Duration,
    most_rows: u64,
    workers: usize,
    rest: f64,
    may_skip: u64,
    throttles: Vec<Throttle>,
    verify: Option<String>,
}

impl Context<'_> {
    /// Begins a backfill of a table; see [`Backfill`]. The name tells it from others of the same revision, and finds its
    /// checkpoint again.
    pub fn backfill<R: TableRow>(&self, name: impl Into<String>) -> Backfill<'_, R> {
        Backfill {
            context: self,
            name: name.into(),
            setters: Vec::new(),
            assignments: Vec::new(),
            others: Vec::new(),
            along: None,
            filter: None,
            target: Duration::from_millis(500),
            most_rows: 0,
            workers: 1,
            rest: 0.0,
            may_skip: 0,
            throttles: Vec::new(),
            verify: None,
        }
    }
}

impl<'c, R: TableRow + 'static> Backfill<'c, R> {
    /// Sets a column to what a function makes of the row. The function may be called again for a row whose batch was rolled
    /// back, and has to be quick: the batch's transaction is open.
    pub fn set<T, V>(mut self, column: Column<R, T>, value: impl Fn(&R) -> V + Send + Sync + 'static) -> Self
    where
        V: Into<T>,
        T: ToSql + Sync + Send + 'static,
    {
        let set = move |row: &R| Ok(Box::new(value(row).into()) as Value);
        self.setters.push((column.quoted(), Box::new(set)));
        self
    }

    /// Sets a column to what a function makes of the row, which may also refuse it: see [`skip`](Self::skip).
    pub fn try_set<T: ToSql + Sync + Send + 'static>(
        mut self,
        column: Column<R, T>,
        value: impl Fn(&R) -> RevisionResult<T> + Send + Sync + 'static,
    ) -> Self {
        let set = move |row: &R| Ok(Box::new(value(row)?) as Value);
        self.setters.push((column.quoted(), Box::new(set)));
        self
    }

    /// Sets a column to an SQL expression over the row, which the server computes: the fastest way.
    pub fn set_sql<T>(mut self, column: Column<R, T>, expression: impl fmt::Display) -> Self {
        self.assignments.push((column.quoted(), expression.to_string()));
        self
    }

    /// Deletes the rows; together with [`filter`](Self::filter), some of them.
    pub fn delete(mut self) -> Self {
        self.others.push(Work::Statement { head: format!("delete from {}", R::TABLE), tail: "" });
        self
    }

    /// Inserts into another table what a select list makes of each row: `insert_into("archive (id, email)", "id,
    /// lower(email)")`. A row that is there already is left as it is. The rows that are read are locked against changes until their
    /// batch ends, so that none is copied that is changed or deleted at that moment; the role needs UPDATE on their table.
    pub fn insert_into(mut self, target: impl fmt::Display, select: impl fmt::Display) -> Self {
        let head = format!("insert into {target} select {select} from {}", R::TABLE);
        self.others.push(Work::Statement { head, tail: "for share on conflict do nothing" });
        self
    }

    /// Only rows for which this SQL condition is true.
    pub fn filter(mut self, condition: impl Into<String>) -> Self {
        self.filter = Some(condition.into());
        self
    }

    /// Goes along these columns, which have to be those of a unique index, in its order. The primary key where nothing is
    /// said, or else a unique index.
    pub fn along(mut self, columns: &impl Columns<Row = R>) -> Self {
        self.along = Some(columns.names().into_iter().map(str::to_owned).collect());
        self
    }

    /// The longest that a batch may take, and hold its row locks; 500 ms where nothing is said. The number of rows follows from
    /// it. A batch that would take longer is rolled back, and tried again with fewer rows; a batch of one row is not.
    pub fn target(mut self, target: Duration) -> Self {
        self.target = target.max(Duration::from_millis(1));
        self
    }

    /// The most rows of a batch: 20,000 where a function works on them, because they are in memory together, and 500,000
    /// otherwise.
    pub fn most_rows(mut self, rows: u64) -> Self {
        self.most_rows = rows.max(1);
        self
    }

    /// So many sessions work side by side, on disjoint ranges of keys; one where nothing is said.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Rests after each batch, for so many times as long as it took: 1.0 takes half the time. Nothing where nothing is said.
    pub fn rest(mut self, times: f64) -> Self {
        self.rest = if times.is_finite() { times.max(0.0) } else { 0.0 };
        self
    }

    /// Holds back while this says so; several are all asked.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.throttles.push(throttle);
        self
    }

    /// Skips rows that a function refuses, or that violate a constraint, up to so many in all. They stay as they are, and
    /// stand in `hardtack.backfill_reject` with the reason. Without this the first one ends the backfill.
    pub fn skip(mut self, rows: u64) -> Self {
        self.may_skip = rows;
        self
    }

    /// A query that has to return true when all rows are done.
    pub fn verify(mut self, query: impl Into<String>) -> Self {
        self.verify = Some(query.into());
        self
    }

    /// Runs it to its end, or goes on with it where an earlier run left it. Several processes that run the same one share it.
    ///
    /// Each worker opens a session of its own. Row locks are held for a batch; the checkpoints are written to
    /// `hardtack.backfill` and `hardtack.backfill_range`.
    ///
    /// # Errors
    /// See [`BackfillError`]. Row security that applies to the role that runs it is one, because rows would be passed over in
    /// silence. Whole batches are committed and stay; a later run goes on behind them.
    pub async fn run(self) -> Result<BackfillReport, BackfillError> {
        let (context, name) = (self.context, self.name.clone());
        let surroundings = context.surroundings();
        let span = client_span!(
            "hardtack.backfill",
            surroundings.database,
            "backfill",
            hardtack.backfill.name = name,
            hardtack.revision.version = context.revision().version,
            hardtack.direction = surroundings.direction.name(),
        );
        let ran = Box::pin(self.run_inside()).instrument(span.clone()).await;
        let news = match &ran {
            Ok(_) => BackfillNews::Finished,
            Err(error) if error.is_stop() => BackfillNews::Stopped,
            Err(error) => {
                fail(&span, error.code(), "backfill");
                BackfillNews::Failed { error }
            }
        };
        context.backfill_news(&name, news);
        ran
    }

    async fn run_inside(self) -> Result<BackfillReport, BackfillError> {
        let surroundings = self.context.surroundings().clone();
        let revision = self.context.revision();
        if surroundings.in_transaction {
            return Err(BackfillError::InTransaction { name: self.name });
        }
        let key = Key::find(self.context.client(), R::TABLE, self.along.as_deref()).await?;
        let written = self
            .setters
            .iter()
            .map(|(column, _)| *column)
            .chain(self.assignments.iter().map(|(column, _)| *column));
        if let Some(column) = written.into_iter().find(|column| key.has(column)) {
            return Err(BackfillError::SetsKey { column: column.to_owned() });
        }
        let identity = Identity {
            table: surroundings.table.clone(),
            version: revision.version,
            deferred: surroundings.deferred,
            direction: surroundings.direction,
            name: self.name.clone(),
        };
        let (context, workers, verify) = (self.context, self.workers, self.verify.clone());
        let spec = self.spec(key)?;
        run::run(context, Arc::new(spec), &identity, workers, verify.as_deref()).await
    }

    fn spec(self, key: Key) -> Result<Spec, BackfillError> {
        let surroundings = self.context.surroundings();
        let assignments: Vec<String> =
            self.assignments.iter().map(|(column, expression)| format!("{column} = {expression}")).collect();
        let mut others = self.others;
        let (work, most) = match (others.pop(), self.setters.is_empty(), assignments.is_empty()) {
            (Some(work), true, true) if others.is_empty() => (work, 500_000),
            (Some(_), _, _) => return Err(BackfillError::SeveralWorks { name: self.name }),
            (None, false, _) => {
                (Work::Rows(Arc::new(Setters { columns: self.setters, assignments })), 20_000)
            }
            (None, true, false) => {
                let head = format!("update {} set {}", R::TABLE, assignments.join(", "));
                (Work::Statement { head, tail: "" }, 500_000)
            }
            (None, true, true) => return Err(BackfillError::NoWork { name: self.name }),
        };
        let begin = surroundings.around_calls.as_ref().map_or(BEGIN, |around| &around.open);
        let begin = format!(
            "{begin}; {}set local lock_timeout = {}; {SETTINGS}",
            as_role(surroundings.table.role()),
            surroundings.lock_timeout.as_millis()
        );
        Ok(Spec {
            name: self.name,
            table: R::TABLE,
            key,
            filter: self.filter,
            work,
            target: self.target,
            most_rows: if self.most_rows == 0 { most } else { self.most_rows },
            rest: self.rest,
            may_skip: self.may_skip,
            throttles: self.throttles,
            begin,
            pooled: surroundings.around_calls.is_some(),
        })
    }
}

const BEGIN: &str = "begin isolation level read committed read write";

/// The text of a key has to mean the same each time. A crash loses the last batches together with their checkpoints. Rows that a
/// policy hides would stay as they are, so that is an error. No statement is worth compiling.
const SETTINGS: &str = "set local idle_in_transaction_session_timeout = 0; set local synchronous_commit = off; \
    set local row_security = off; \
    set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; set local extra_float_digits = 1; \
    set local bytea_output = 'hex'; set local jit = off";

impl<R: TableRow> fmt::Debug for Backfill<'_, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Backfill")
            .field("name", &self.name)
            .field("table", &R::TABLE)
            .finish_non_exhaustive()
    }
}
