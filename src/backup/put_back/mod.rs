//! The rows of a backup of tables, back in a live database: exactly as they were, all of them or none.
//!
//! Rows are compared with those that are there, and only what differs is written: first what the backup has not is deleted,
//! tables that refer before those that are referred to, then rows are changed, then the missing ones inserted. Foreign keys
//! among the tables are checked at the end. Triggers and rules of the tables are silent meanwhile.

mod conflict;
mod error;
mod fit;
mod foreign_key;
mod held;
mod index;
mod live;
mod order;
mod quiet;
mod rewrite;
mod sequence;
mod session;
mod stage;
mod table;
#[cfg(all(test, unix, feature = "embedded"))]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio_postgres::Client;

pub use self::error::PutBackError;
pub use self::held::Reference;
use self::live::LiveTable;
use self::session::Session;
pub(super) use self::stage::load;
use self::table::Table;
use super::verify::differs;
use super::{Rows, RowsEntry, TableEntry, content_of};
use crate::config::Role;
use crate::revisions::Progress;
use crate::words;

/// Where rows go.
#[derive(Clone, Copy)]
pub(crate) struct Live<'a> {
    pub(crate) client: &'a Client,
    /// As whom they are written.
    pub(crate) role: Option<&'a Role>,
    /// The longest wait for a lock; zero waits without end.
    pub(crate) lock_timeout: Duration,
}

/// Rows that are back, and proven, where nobody else sees them yet.
pub(crate) struct Uncommitted<'a> {
    session: Session<'a>,
    done: Vec<PutBackTable>,
}

/// A table whose rows go back, or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PutBackTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many rows the backup has.
    pub rows: u64,
    /// How many were there before.
    pub rows_before: u64,
    /// Whether those were the backup's already, so that there is nothing to do.
    pub is_same: bool,
    /// What was written; none where nothing was.
    pub written: Option<Written>,
}

/// How many rows were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Rows that the backup has not, or had otherwise and that could not be changed in place.
    pub deleted: u64,
    /// Rows that were other ones.
    pub changed: u64,
    /// Rows that were missing.
    pub inserted: u64,
}

/// What [`put_back`] would find. Reads each table once, and writes nothing.
pub(crate) async fn plan_put_back(
    live: Live<'_>,
    tables: &[TableEntry],
) -> Result<Vec<PutBackTable>, PutBackError> {
    let session = Session::begin(live, "isolation level repeatable read read only").await?;
    let planned = async {
        let mut planned = Vec::new();
        for (entry, _) in fitting(live.client, tables).await? {
            planned.push(PutBackTable::found(entry, content(live.client, entry).await?));
        }
        Ok(planned)
    };
    let planned = planned.await;
    session.roll_back().await;
    planned
}

/// Puts the rows of tables back, in one transaction that is still to be committed. The tables are locked against everybody, also
/// readers, until it ends.
///
/// Dropped half-way it leaves a transaction open, as does what it returns: the connection is to be dropped with it.
///
/// # Errors
/// A table is not what it was; a row that stays refers to one that would go; the rows are not those that the manifest
/// promises; the server refuses. Nothing is changed then.
pub(crate) async fn put_back<'a>(
    live: Live<'a>,
    tables: &[TableEntry],
    rows: &dyn Rows,
    tell: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<Uncommitted<'a>, PutBackError> {
    let session = Session::begin(live, "isolation level read committed read write").await?;
    match put(&session, tables, rows, tell).await {
        Ok(done) => Ok(Uncommitted { session, done }),
        Err(error) => {
            session.roll_back().await;
            Err(error)
        }
    }
}

impl Uncommitted<'_> {
    /// Makes them stay. Not to be left in the middle: nobody could tell what there is then.
    pub(crate) async fn commit(self) -> Result<Vec<PutBackTable>, PutBackError> {
        self.session.commit().await.map(|()| self.done)
    }
}

async fn put(
    session: &Session<'_>,
    tables: &[TableEntry],
    rows: &dyn Rows,
    tell: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<Vec<PutBackTable>, PutBackError> {
    let client = session.client;
    // Once to say what is missing, and once it cannot change any more.
    fitting(client, tables).await?;
    session.lock(tables).await?;
    let (mut done, mut work) = (Vec::new(), Vec::new());
    for (entry, live) in fitting(client, tables).await? {
        let found = PutBackTable::found(entry, content(client, entry).await?);
        if !found.is_same {
            work.push(Table::new(done.len(), entry, live));
        }
        done.push(found);
    }
    if work.is_empty() {
        return Ok(done);
    }
    let keys = foreign_key::read(client, &work).await?;
    let quiet = quiet::begin(session, &work, &keys).await?;
    stage::fill(client, &work, rows, tell).await?;
    session.own_path().await?;
    let written = rewrite::rewrite(client, &work, &keys).await?;
    session.plain_path().await?;
    for (table, written) in work.iter().zip(written) {
        if let Some(how) = differs(&table.entry.content, content(client, table.entry).await?) {
            return Err(PutBackError::Differs { table: table.entry.to_string(), how });
        }
        done[table.place].written = Some(written);
    }
    quiet.end(session).await?;
    sequence::advance(client, &work).await?;
    Ok(done)
}

/// The tables with what they are now, where all of them are what they were.
async fn fitting<'a>(
    client: &Client,
    tables: &'a [TableEntry],
) -> Result<Vec<(&'a TableEntry, LiveTable)>, PutBackError> {
    let mut found = live::read(client, tables).await?;
    let fitting = tables.iter().enumerate().map(|(place, entry)| {
        let live = found.iter().position(|live| live.place == place).map(|at| found.swap_remove(at));
        fit::check(entry, live).map(|live| (entry, live))
    });
    fitting.collect()
}

async fn content(client: &Client, table: &TableEntry) -> Result<super::Content, PutBackError> {
    let content = content_of(client, &table.schema, &table.name, &table.columns).await;
    content.map_err(PutBackError::server("read what the tables hold"))
}

impl PutBackTable {
    fn found(entry: &TableEntry, content: super::Content) -> Self {
        Self {
            schema: entry.schema.clone(),
            name: entry.name.clone(),
            rows: entry.content.rows,
            rows_before: content.rows,
            is_same: RowsEntry::from(content) == entry.content,
            written: None,
        }
    }
}

impl fmt::Display for PutBackTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, name, rows, rows_before, is_same, written } = self;
        write!(formatter, "{schema}.{name}: {}", words::counted(*rows, "row", "rows"))?;
        match written {
            _ if *is_same => formatter.write_str(", as it is"),
            None => write!(formatter, ", in place of the {} that are there", words::count(*rows_before)),
            Some(Written { deleted, changed, inserted }) => write!(
                formatter,
                ": {} inserted, {} changed, {} deleted",
                words::count(*inserted),
                words::count(*changed),
                words::count(*deleted)
            ),
        }
    }
}
