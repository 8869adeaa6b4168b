use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use time::OffsetDateTime;

use super::manifest::FORM;
use super::pack::PackedFile;
use super::place::{Draft, MANIFEST};
use super::survey::{self, Snapshot, Survey, SurveyedTable};
use super::temporary::remove_left;
use super::{
    ArchiveEntry, BackupError, DatabaseEntry, FileEntry, Manifest, Place, Recipients, Strategy, TableEntry,
    archive, rows, space,
};
use crate::catalog::{self, Glob};
use crate::config::HistoryTable;
use crate::db::{ConnectOptions, blocking};
use crate::revisions::Progress;

/// The name of the file that holds the catalog.
pub(super) const CATALOG: &str = "catalog.json";

/// What is to be taken, from where, and to where.
pub(crate) struct Request<'a> {
    pub(crate) options: &'a ConnectOptions,
    /// The history table, and as whom the database is read.
    pub(crate) history: &'a HistoryTable,
    /// The newest applied version.
    pub(crate) version: Option<i64>,
    /// How many revisions are applied.
    pub(crate) applied: usize,
    /// The hash of the plan that is pending.
    pub(crate) plan: Option<String>,
    pub(crate) strategy: Strategy,
    pub(crate) chosen: Chosen,
    pub(crate) place: &'a Place,
    pub(crate) recipients: &'a Recipients,
    /// How many tables at once.
    pub(crate) jobs: usize,
    /// Where `pg_dump` is, if not where it usually is.
    pub(crate) programs: Option<&'a Path>,
    /// The longest wait for a table that somebody has locked.
    pub(crate) lock_wait: Duration,
    pub(crate) application_name: &'a str,
    /// Told in megabytes.
    pub(crate) tell: &'a (dyn Fn(&Progress<'_>) + Send + Sync),
}

/// The tables whose rows are wanted.
pub(crate) enum Chosen {
    /// All of them.
    All,
    /// Those that somebody named: `schema.name` or `name`, with `*` for anything.
    Named(Vec<String>),
    /// Those of these schemas and names, and why.
    Listed { tables: Vec<(String, String)>, why: String },
}

/// What was taken of the rows.
pub(super) struct Taken {
    pub(super) files: BTreeMap<String, FileEntry>,
    pub(super) tables: Vec<TableEntry>,
    pub(super) archive: Option<ArchiveEntry>,
}

/// All that belongs to a backup, where nobody takes it for one yet. Dropped, it is removed.
pub(crate) struct Whole {
    draft: Arc<dyn Draft>,
    manifest: Manifest,
}

impl Request<'_> {
    /// Takes a snapshot, to which [`take`] is bound.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, BackupError> {
        Snapshot::take(self.options, self.history.role(), self.lock_wait, self.application_name).await
    }
}

/// Takes what the snapshot sees, for a backup that is still to be made one. The database is read, with the weakest lock on each
/// table.
pub(crate) fn take<'a>(
    request: &'a Request<'a>,
    snapshot: &'a Snapshot,
) -> BoxFuture<'a, Result<Whole, BackupError>> {
    Box::pin(async move {
        let (started, taken_at) = (Instant::now(), OffsetDateTime::now_utc());
        let mut survey = snapshot.survey(request.history).await?;
        choose(&mut survey, request)?;
        if !snapshot.hold(&survey.tables).await? {
            return Err(BackupError::Moved);
        }
        let name = Manifest::name_of(&survey.name, taken_at, request.version, request.strategy);
        let draft = begin(request, name).await?;
        space::check(request, &survey, draft.folder(), draft.keeps_folder())?;
        let Taken { mut files, tables, archive } = write(request, snapshot, &survey, &draft).await?;
        let large_objects = match request.strategy {
            Strategy::Full if survey.has_large_objects => {
                Some(survey::large_objects(snapshot.client()).await?)
            }
            _ => None,
        };
        let fingerprint = survey.catalog.fingerprint();
        files.extend([catalog_file(&draft, survey.catalog, request.recipients).await?]);
        let manifest = Manifest {
            form: FORM,
            name: draft.name().to_owned(),
            strategy: request.strategy,
            taken_at: taken_at.replace_nanosecond(0).unwrap_or(taken_at),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            hardtack_version: env!("CARGO_PKG_VERSION").to_owned(),
            database: DatabaseEntry {
                name: survey.name,
                bytes: survey.bytes,
                system: survey.system,
                traits: survey.traits,
            },
            server_version: snapshot.server_version(),
            history_table: request.history.to_string(),
            version: request.version,
            applied: request.applied,
            plan: request.plan.clone(),
            fingerprint,
            archive,
            tables,
            chosen: request.chosen.why(),
            large_objects: large_objects.map(Into::into),
            files,
        };
        Ok(Whole { draft, manifest })
    })
}

/// Begins a backup, once what killed processes have left is removed.
async fn begin(request: &Request<'_>, name: String) -> Result<Arc<dyn Draft>, BackupError> {
    let place = request.place.clone();
    let begin = move || {
        remove_left();
        place.begin(&name)
    };
    let of_thread = |source| BackupError::Place { place: request.place.to_string(), source };
    Ok(blocking(move |_| Ok(begin())).await.map_err(of_thread)??.into())
}

impl Whole {
    /// Makes a backup of it; where it is, and what it says of itself. Not to be left in the middle: nobody could tell whether it
    /// is one.
    pub(crate) async fn commit(self) -> Result<(String, Manifest), BackupError> {
        let Self { draft, manifest } = self;
        let left = draft.left();
        let committed = blocking(move |_| Ok((draft.commit(&manifest)?, manifest))).await;
        committed.map_err(|source| BackupError::Write { file: MANIFEST.to_owned(), left, source })
    }
}

/// Writes what the strategy wants.
async fn write(
    request: &Request<'_>,
    snapshot: &Snapshot,
    survey: &Survey,
    draft: &Arc<dyn Draft>,
) -> Result<Taken, BackupError> {
    match request.strategy {
        Strategy::Tables => rows::copy(request, snapshot, survey, draft).await,
        Strategy::Full => archive::dump(request, snapshot, survey, draft).await,
        Strategy::SchemaOnly => {
            let mut schema = archive::dump(request, snapshot, survey, draft).await?;
            let history = rows::copy(request, snapshot, survey, draft).await?;
            schema.files.extend(history.files);
            Ok(Taken { tables: history.tables, ..schema })
        }
    }
}

/// Leaves the tables that are wanted.
fn choose(survey: &mut Survey, request: &Request<'_>) -> Result<(), BackupError> {
    // What hardtack writes itself is no table of the application's.
    let histories = [request.history.to_string(), request.history.of_hardtack().to_string()];
    let is_history = |table: &SurveyedTable| {
        let table = HistoryTable::new(&table.schema, &table.name).map(|table| table.to_string());
        table.is_ok_and(|table| histories.contains(&table))
    };
    if request.strategy == Strategy::SchemaOnly {
        // Without it nobody would know which schema that is.
        survey.tables.retain(is_history);
        return Ok(());
    }
    if !matches!(request.chosen, Chosen::Listed { .. }) {
        survey.tables.retain(|table| !table.of_extension);
    }
    match &request.chosen {
        Chosen::All => return Ok(()),
        Chosen::Named(patterns) => {
            survey.tables.retain(|table| table.schema != "hardtack" && !is_history(table));
            keep_named(&mut survey.tables, patterns)?;
        }
        Chosen::Listed { tables, .. } => {
            survey.tables.retain(|table| {
                tables.iter().any(|(schema, name)| *schema == table.schema && *name == table.name)
            });
        }
    }
    if survey.tables.is_empty() { Err(BackupError::NoTables) } else { Ok(()) }
}

fn keep_named(tables: &mut Vec<SurveyedTable>, patterns: &[String]) -> Result<(), BackupError> {
    let no_such = |pattern: &String| BackupError::NoSuchTable { pattern: pattern.clone() };
    let mut named = vec![false; tables.len()];
    for pattern in patterns {
        let glob = Glob::parse(pattern).ok_or_else(|| no_such(pattern))?;
        let is_named = |table: &SurveyedTable| {
            glob.matches(&table.name) || glob.matches(&format!("{}.{}", table.schema, table.name))
        };
        let found: Vec<usize> =
            tables.iter().enumerate().filter(|(_, table)| is_named(table)).map(|(place, _)| place).collect();
        if found.is_empty() {
            return Err(no_such(pattern));
        }
        found.into_iter().for_each(|place| named[place] = true);
    }
    let mut named = named.into_iter();
    tables.retain(|_| named.next().unwrap_or_default());
    Ok(())
}

impl Chosen {
    fn why(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Named(patterns) => format!("named: {}", patterns.join(", ")),
            Self::Listed { why, .. } => why.clone(),
        }
    }
}

/// The catalog as a file, so that whoever compares can name what differs.
async fn catalog_file(
    draft: &Arc<dyn Draft>,
    catalog: catalog::Catalog,
    recipients: &Recipients,
) -> Result<(String, FileEntry), BackupError> {
    let left = draft.left();
    let failed = |source| BackupError::Write { file: CATALOG.to_owned(), left, source };
    let text = catalog::Snapshot { history: String::new(), catalog }.to_text();
    let text = text.map_err(|error| failed(std::io::Error::other(error)))?;
    let (draft, recipients) = (Arc::clone(draft), recipients.clone());
    let written = blocking(move |_| {
        let mut file = PackedFile::create(&*draft, CATALOG, true, &recipients)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.finish()
    });
    written.await.map_err(failed)
}
