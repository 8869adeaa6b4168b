use std::time::Duration;

use tokio_postgres::{Client, Error};

use crate::config::{HistoryTable, Role};
use crate::db::{as_role, first_value, quote_literal, quote_or_null};
use crate::revisions::{Direction, Revision, Step};

#[cfg(feature = "operations")]
mod change;

#[cfg(feature = "operations")]
pub(crate) use change::{Change, Subject};

/// One run's rows in `hardtack.run` and `hardtack.step`.
#[derive(Debug)]
pub(crate) struct RunLog {
    id: i64,
    /// As whom the rows are written.
    role: Option<Role>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    Stopped,
}

/// What the row of a run begins with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening<'a> {
    pub(crate) command: &'a str,
    /// What the operator said of the run.
    pub(crate) note: Option<&'a str>,
    /// A statement that records evidence in the same transaction.
    pub(crate) evidence: Option<String>,
}

/// What a step's row says of time and failure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StepRow<'a> {
    /// Written in the step's own transaction, which began with the step.
    InTransaction,
    /// Written after a step without a transaction.
    After(Duration),
    /// Written after a step was rolled back, or stopped half way.
    Failed(Duration, &'a str),
}

impl RunLog {
    /// Writes the run's row, in a transaction that may write whatever the database's default is. None where the table took
    /// no row.
    pub(crate) async fn start(
        client: &Client,
        opening: &Opening<'_>,
        table: &HistoryTable,
    ) -> Result<Option<Self>, Error> {
        let evidence = opening.evidence.as_ref().map_or(String::new(), |statement| format!("{statement}; "));
        let statement = format!(
            "begin read write; {}{evidence}\
             insert into hardtack.run (command, history_table, host, process_id, hardtack_version, note) \
             values ({}, {}, {}, {}, {}, {}) returning id; commit",
            as_role(table.role()),
            quote_literal(opening.command),
            quote_literal(&table.to_string()),
            quote_or_null(host_name().as_deref()),
            std::process::id(),
            quote_literal(env!("CARGO_PKG_VERSION")),
            quote_or_null(opening.note),
        );
        let messages = client.simple_query(&statement).await?;
        let id = first_value(&messages).and_then(|id| id.parse().ok());
        Ok(id.map(|id| Self { id, role: table.role().cloned() }))
    }

    /// The statement that records a step, with the hazards that its file accepts and why, and the version that code must know
    /// to work behind it.
    pub(crate) fn step(
        &self,
        (revision, direction): (&Revision, Direction),
        row: StepRow<'_>,
        breaks_before: Option<i64>,
    ) -> String {
        let (started, error) = match row {
            StepRow::InTransaction => ("pg_catalog.transaction_timestamp()".to_owned(), None),
            StepRow::After(elapsed) => (before_now(elapsed), None),
            StepRow::Failed(elapsed, error) => (before_now(elapsed), Some(error)),
        };
        format!(
            "insert into hardtack.step (run, version, name, direction, sha256, started_at, finished_at, error, note, \
                 breaks_before) \
             values ({}, {}, {}, '{}', {}, {started}, pg_catalog.clock_timestamp(), {}, {}, {})",
            self.id,
            revision.version,
            quote_literal(&revision.name),
            direction.name(),
            quote_literal(&revision.sha256),
            quote_or_null(error),
            quote_or_null(allowed(revision, direction).as_deref()),
            breaks_before.map_or("null".to_owned(), |version| version.to_string()),
        )
    }

    /// Writes how the run ended. This commit is synchronous: once it returns, every earlier commit of the
    /// run is on disk as well.
    pub(crate) async fn finish(
        &self,
        client: &Client,
        outcome: Outcome,
        error: Option<&str>,
    ) -> Result<(), Error> {
        let outcome = match outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::Stopped => "stopped",
        };
        client
            .batch_execute(&format!(
                "begin read write; {}select pg_catalog.set_config('synchronous_commit', 'on', true) \
                 where pg_catalog.current_setting('synchronous_commit') = 'off'; \
                 update hardtack.run set finished_at = pg_catalog.clock_timestamp(), outcome = '{outcome}', \
                 error = {} where id = {}; commit",
                as_role(self.role.as_ref()),
                quote_or_null(error),
                self.id,
            ))
            .await
    }
}

/// The hazards that the file of a step accepts: `allow ban-drop-column "unused since 2.3"`.
fn allowed(revision: &Revision, direction: Direction) -> Option<String> {
    let Some(Step::Sql(script)) = revision.step(direction) else { return None };
    let mut notes: Vec<String> = Vec::new();
    for hazard in &script.hazards {
        let Some(reason) = &hazard.allowed else { continue };
        let note = format!("allow {} \"{reason}\"", hazard.rule);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

fn before_now(elapsed: Duration) -> String {
    format!("pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => {})", elapsed.as_secs_f64())
}

/// The machine's name as its kernel knows it, for the log only.
pub(crate) fn host_name() -> Option<String> {
    let from_environment = || std::env::var("HOSTNAME").ok();
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(from_environment)?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
