use futures_util::future::{BoxFuture, try_join};
use serde::Serialize;

use super::Marked;
use super::mark::mark;
use crate::config::HistoryTable;
use crate::engine::{Error, Migrator, RevisionStatus, RunEnd};
use crate::history::foreign::{self, ForeignError, ForeignRow, ForeignTable, Tool};
use crate::history::{self, History};
use crate::plan::{self, Conflicts, MappedRow, Mapping, MappingError, OutOfOrder, Overrides, PlanError};
use crate::revisions::Revision;

/// What an adoption may be told.
#[derive(Clone, Debug, Default)]
pub struct AdoptOptions {
    /// Whose history; any tool's when none.
    pub from: Option<Tool>,
    /// The schema of its table, unquoted; any when none.
    pub schema: Option<String>,
    /// Its table, unquoted; the tools' own names when none.
    pub table: Option<String>,
    /// Which revision stands for a row, by the row's id; none where none is needed.
    pub map: Overrides,
}

/// What another tool's history comes to, before it is taken over.
#[derive(Clone, Debug, Serialize)]
pub struct Adoption {
    /// The other tool's table.
    pub from: ForeignTable,
    /// Its rows, and what each comes to.
    pub rows: Vec<MappedRow>,
    /// What would be recorded as applied, in order of version.
    pub revisions: Vec<RevisionStatus>,
    /// How many of the revisions that are applied there our history has already.
    pub recorded: usize,
    /// Revisions older than the newest applied one that are in neither history.
    pub gaps: Vec<RevisionStatus>,
    /// What bars it, each with what to do; empty where nothing does.
    pub refusals: Vec<Refusal>,
    #[serde(skip)]
    foreign: Vec<ForeignRow>,
}

/// What bars an adoption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The row's id, or the revision's stem.
    pub subject: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub advice: String,
}

/// Why another tool's history is not taken over. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// The tables could not be found or read.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// What `--map` says does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// There is no such table.
    #[error(
        "find the history of {}{}: no table of that kind is there, or the role may not see it; name it with --table \
         SCHEMA.NAME",
        .tool.map_or("another tool", Tool::name),
        .table.as_ref().map_or(String::new(), |table| format!(" in {table}"))
    )]
    NotFound {
        /// The tool that was asked for.
        tool: Option<Tool>,
        /// The table that was asked for, as it was given.
        table: Option<String>,
    },
    /// There are several.
    #[error(
        "choose a history to take over, for there are {}: {}; say which with --from TOOL or --table SCHEMA.NAME",
        .candidates.len(),
        .candidates.iter().map(|one| format!("{one} of {}", one.tool)).collect::<Vec<_>>().join(", ")
    )]
    Several {
        /// The tables.
        candidates: Vec<ForeignTable>,
    },
    /// Rows that cannot be told, or gaps.
    #[error(
        "take over the history of {tool}: {} of its rows or of our revisions cannot be told; nothing was changed; \
         `adopt --plan` shows each with what to do",
        .refusals.len()
    )]
    Refused {
        /// Whose it is.
        tool: Tool,
        /// What bars it.
        refusals: Vec<Refusal>,
    },
    /// Somebody used the other tool meanwhile.
    #[error("take over {table}: it was changed since it was read; nothing was written; look at it again")]
    Changed {
        /// The table, quoted.
        table: String,
    },
}

impl Migrator {
    /// What [`adopt`](Self::adopt) would take over from another tool's history: finds its table, reads it, and maps its
    /// rows to revisions. Writes nothing and takes no lock.
    ///
    /// None where the only such table is the very one that this migrator uses: then there is nothing to do.
    ///
    /// # Errors
    /// The database cannot be reached; no such table is there, or several are; a mapping names a row or a revision that
    /// does not exist; our own history and the revisions disagree. Rows that cannot be mapped are no error here: they
    /// are among [`refusals`](Adoption::refusals).
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_adopt<'a>(
        &'a self,
        options: &'a AdoptOptions,
    ) -> BoxFuture<'a, Result<Option<Adoption>, Error>> {
        Box::pin(async move {
            let connection = self.connect().await?;
            let client = &connection.client;
            let search = foreign::find(client, options.schema.as_deref(), options.table.as_deref());
            let found = search.await.map_err(AdoptError::from)?;
            let Some(from) = select(found, self.history_table(), options)? else { return Ok(None) };
            let rows = async {
                foreign::read(client, &from, self.history_table().role())
                    .await
                    .map_err(|error| AdoptError::from(error).into())
            };
            let ours = async { Ok::<_, Error>(history::read(client, self.history_table()).await?) };
            let (rows, ours) = try_join(rows, ours).await?;
            Ok(Some(plan(self, &ours, from, rows, &options.map)?))
        })
    }

    /// Takes over another tool's history as planned: records what is applied there as applied here, without running it.
    ///
    /// Under the migration lock and in one transaction it writes the history table, which it creates where it is missing,
    /// and the run log. The other tool's table is read, and never written; with it the tool can go on as before.
    ///
    /// # Errors
    /// The plan has refusals; the other tool's table was changed since; the lock is not had; our own history and the
    /// revisions disagree.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn adopt<'a>(&'a self, adoption: &'a Adoption) -> BoxFuture<'a, Result<Marked, Error>> {
        Box::pin(self.observed(
            "adopt",
            RunEnd::of_marked,
            Box::pin(async move {
                let Adoption { from, refusals, foreign, .. } = adoption;
                if !refusals.is_empty() {
                    return Err(AdoptError::Refused { tool: from.tool, refusals: refusals.clone() }.into());
                }
                let connection = self.connect().await?;
                let rows = foreign::read(&connection.client, from, self.history_table().role())
                    .await
                    .map_err(AdoptError::from)?;
                if rows != *foreign {
                    return Err(AdoptError::Changed { table: from.to_string() }.into());
                }
                let note = format!("{} of {}", from, from.tool);
                mark(self, &connection, "adopt", &note, |history| Ok(unrecorded(self, history, adoption)?))
                    .await
            }),
        ))
    }
}

/// Which of the tables that were found is meant; none where it is our own.
fn select(
    found: Vec<ForeignTable>,
    own: &HistoryTable,
    options: &AdoptOptions,
) -> Result<Option<ForeignTable>, AdoptError> {
    let of_hardtack = own.of_hardtack();
    let is =
        |one: &ForeignTable, table: &HistoryTable| one.schema == table.schema() && one.table == table.table();
    let asked_for = |one: &ForeignTable| options.from.is_none_or(|tool| tool == one.tool);
    let (ours, mut others): (Vec<_>, Vec<_>) =
        found.into_iter().filter(asked_for).partition(|one| is(one, own));
    others.retain(|one| !is(one, &of_hardtack));
    match (others.len(), ours.is_empty()) {
        (1, _) => Ok(others.pop()),
        (0, false) => Ok(None),
        (0, true) => {
            let table = options.table.as_ref().map(|table| match &options.schema {
                Some(schema) => format!("{schema}.{table}"),
                None => table.clone(),
            });
            Err(AdoptError::NotFound { tool: options.from, table })
        }
        _ => Err(AdoptError::Several { candidates: others }),
    }
}

fn plan(
    migrator: &Migrator,
    history: &History,
    from: ForeignTable,
    foreign: Vec<ForeignRow>,
    overrides: &Overrides,
) -> Result<Adoption, Error> {
    refuse_conflicts(migrator, history)?;
    let mapping = Mapping::new(migrator.revisions(), history, &from.to_string(), &foreign, overrides);
    let mapping = mapping.map_err(AdoptError::from)?;
    let of_rows = mapping.problems().map(|(row, problem)| Refusal {
        subject: row.id.clone(),
        reason: problem.to_string(),
        advice: problem.advice(&row.id),
    });
    let refuse_gaps = migrator.out_of_order == OutOfOrder::Reject;
    let of_gaps = mapping.gaps.iter().filter(|_| refuse_gaps).map(|revision| Refusal::gap(revision));
    let refusals = of_rows.chain(of_gaps).collect();
    let shown = |revisions: &[&Revision]| revisions.iter().map(|one| RevisionStatus::of(one)).collect();
    Ok(Adoption {
        from,
        revisions: shown(&mapping.revisions),
        recorded: mapping.recorded,
        gaps: shown(&mapping.gaps),
        refusals,
        rows: mapping.rows,
        foreign,
    })
}

/// Where our own history contradicts the set, nothing is to be added to it.
fn refuse_conflicts(migrator: &Migrator, history: &History) -> Result<(), PlanError> {
    Conflicts::refuse(plan::conflicts(migrator.revisions(), history, OutOfOrder::Allow))
}

/// What is still to be recorded when the lock is had.
fn unrecorded<'a>(
    migrator: &'a Migrator,
    history: &History,
    adoption: &Adoption,
) -> Result<Vec<&'a Revision>, PlanError> {
    refuse_conflicts(migrator, history)?;
    let planned = adoption.revisions.iter().filter(|revision| history.get(revision.version).is_none());
    Ok(planned.filter_map(|revision| migrator.revisions().get(revision.version)).collect())
}

impl Refusal {
    fn gap(revision: &Revision) -> Self {
        Self {
            subject: revision.stem(),
            reason: "it is older than what is applied there, and not among it".to_owned(),
            advice: "apply it with the old tool first, or say with --map which row it is; if its place does not matter, \
                     allow it with --out-of-order allow"
                .to_owned(),
        }
    }
}
