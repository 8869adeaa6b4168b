use serde::Serialize;

use crate::db::{Connection, quote_literal};
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::{Error, Migrator};
use crate::history::{Applied, Change, DeferredBackfill, History, RunLog, Subject, Unfinished};
use crate::plan::{self, Conflict, OutOfOrder};
use crate::revisions::Direction;

/// What is to be mended of one revision's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Its file was edited after it was applied, or renamed: its row is made to say what the set says.
    Divergent,
    /// The set does not know it, and is newer: its row is removed.
    Missing,
    /// Its step without a transaction was begun and has not ended: how far it got is forgotten, and the next run starts
    /// it from its first statement.
    Unfinished,
}

/// The mending of one revision's history, as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "repair", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Repair {
    /// The history row's name and checksum are replaced.
    Rewrite {
        /// The version.
        version: i64,
        /// The name that was applied.
        applied_name: String,
        /// The checksum that was applied.
        applied_checksum: String,
        /// The name in the set.
        name: String,
        /// Refinery's checksum of the set's revision.
        checksum: String,
    },
    /// The history row is removed.
    Remove {
        /// The version.
        version: i64,
        /// The name that was applied.
        applied_name: String,
        /// The checksum that was applied.
        applied_checksum: String,
        /// When it was applied.
        applied_at: String,
    },
    /// How far the step got is forgotten.
    Restart {
        /// How far it got.
        #[serde(flatten)]
        unfinished: Unfinished,
    },
}

/// Plans a repair, and refuses what is not broken in that way.
pub(super) fn plan(
    migrator: &Migrator,
    history: &History,
    version: i64,
    fault: Fault,
) -> Result<Repair, Error> {
    if fault == Fault::Unfinished {
        let unfinished = history.unfinished.iter().find(|step| step.version == version).cloned();
        let found = "no step of it was begun without being ended".to_owned();
        return unfinished
            .map(|unfinished| Repair::Restart { unfinished })
            .ok_or(Error::NotBroken { version, found });
    }
    let conflicts = plan::conflicts(migrator.revisions(), history, OutOfOrder::Reject);
    let conflict = conflicts.into_iter().find(|conflict| conflict.version() == version);
    let applied = history.get(version);
    match (fault, conflict, applied) {
        (
            Fault::Divergent,
            Some(Conflict::Divergent { version, name, applied_name, applied_checksum, checksum }),
            _,
        ) => Ok(Repair::Rewrite { version, applied_name, applied_checksum, name, checksum }),
        (Fault::Missing, Some(Conflict::Missing { ahead: false, .. }), Some(applied)) => {
            let Applied { name, checksum, applied_at, .. } = applied.clone();
            Ok(Repair::Remove { version, applied_name: name, applied_checksum: checksum, applied_at })
        }
        (_, conflict, applied) => {
            Err(Error::NotBroken { version, found: found(conflict.as_ref(), applied.is_some()) })
        }
    }
}

/// What the revision is like instead.
fn found(conflict: Option<&Conflict>, is_applied: bool) -> String {
    match conflict {
        Some(Conflict::Missing { ahead: false, .. }) => {
            "it is not known here; bring its file back, or remove its history row with --remove".to_owned()
        }
        Some(Conflict::Divergent { .. }) => {
            "it was edited after it was applied; its row can be rewritten, not removed".to_owned()
        }
        Some(conflict) => format!("{conflict}; {}", conflict.advice()),
        None if is_applied => "it is applied as it stands here".to_owned(),
        None => "it is not applied".to_owned(),
    }
}

/// Mends what was planned, if it is still so under the lock.
pub(super) async fn repair(
    migrator: &Migrator,
    connection: &Connection,
    repair: &Repair,
    reason: &str,
) -> Result<(), Error> {
    let (table, rights) = (migrator.history_table(), &["SELECT", "UPDATE", "DELETE"]);
    let intent = Intent { table, rights, untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let outcome = match plan(migrator, &locked.history, repair.version(), repair.fault()) {
        Ok(still) if still == *repair => {
            let statements = |log: &RunLog| repair.statements(migrator, log, reason);
            locked.write("repair", statements).await
        }
        Ok(_) => Err(Error::NotBroken {
            version: repair.version(),
            found: "its history row was changed meanwhile".to_owned(),
        }),
        Err(error) => Err(error),
    };
    locked.release().await;
    outcome
}

impl Repair {
    /// The version in question.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self {
            Self::Rewrite { version, .. } | Self::Remove { version, .. } => *version,
            Self::Restart { unfinished } => unfinished.version,
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Rewrite { .. } => Fault::Divergent,
            Self::Remove { .. } => Fault::Missing,
            Self::Restart { .. } => Fault::Unfinished,
        }
    }

    /// The change of the history, and a row of the run log that keeps what was there.
    fn statements(&self, migrator: &Migrator, log: &RunLog, reason: &str) -> Vec<String> {
        let (version, table) = (self.version(), migrator.history_table());
        let (change, applied_name, was) = match self {
            Self::Rewrite { applied_name, applied_checksum, name, checksum, .. } => (
                format!(
                    "update {table} set name = {}, checksum = {} where version = {version}",
                    quote_literal(name),
                    quote_literal(checksum)
                ),
                applied_name.as_str(),
                format!("was {applied_name}, checksum {applied_checksum}; now {name}, checksum {checksum}"),
            ),
            Self::Remove { applied_name, applied_checksum, applied_at, .. } => (
                format!("delete from {table} where version = {version}"),
                applied_name.as_str(),
                format!("removed {applied_name}, checksum {applied_checksum}, applied at {applied_at}"),
            ),
            Self::Restart { unfinished: Unfinished { direction, done, .. } } => (
                Unfinished::forget(table, version),
                "",
                format!("forgot that {done} statements of its {} were done", direction.name()),
            ),
        };
        let unknown = Subject { version, name: applied_name, sha256: "" };
        let revision = migrator.revisions().get(version);
        let subject = revision.map_or(unknown, Subject::from);
        let note = log.note(subject, Change::Repair, &format!("{was}: {reason}"));
        // A down that has begun took the checksum away, so that nobody takes the revision for applied.
        let undone = matches!(self, Self::Restart { unfinished } if unfinished.direction == Direction::Down);
        let restored = revision.filter(|_| undone).map(|revision| {
            format!("update {table} set checksum = '{}' where version = {version}", revision.checksum)
        });
        let forget = Unfinished::forget(table, version);
        // Nobody has the function any more.
        let is_without = revision.is_none_or(|revision| revision.around.backfill().is_none());
        let undone = is_without.then(|| DeferredBackfill::undo(table, version));
        [change, forget, note].into_iter().chain(restored).chain(undone).collect()
    }
}
