use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::catalog::Difference;
use crate::engine::RevisionStatus;
use crate::history::milliseconds;
use crate::revisions::Direction;
use crate::safety::{FoundHazard, GateOutcome, LockMode, Loss, TableFacts, Verdict};

/// What an upgrade or a downgrade would do.
#[derive(Clone, Debug, Serialize)]
pub struct DryRun {
    /// The database's name.
    pub database: String,
    /// The server's version, as it says it.
    pub server_version: String,
    /// Whether the steps go forward or backward.
    pub direction: Direction,
    /// How deep it went.
    pub depth: Depth,
    /// The newest applied version; none in an empty history.
    pub from: Option<i64>,
    /// The newest applied version afterwards.
    pub to: Option<i64>,
    /// SHA-256 of where the plan begins, which way it goes and the texts of its steps: two plans of one hash do the same.
    pub plan: String,
    /// The worst of its steps and of the hazards of the whole; what somebody accepted counts as well.
    pub verdict: Verdict,
    /// The steps in the order in which they would run.
    pub steps: Vec<DryStep>,
    /// The tables that the steps touch and that are there now, the largest first.
    pub tables: Vec<TableFacts>,
    /// Hazards of no single step: what is in the way on this server now.
    pub hazards: Vec<FoundHazard>,
    /// Data that the steps destroy, or may destroy.
    pub losses: Vec<Loss>,
    /// What each gate that is set says of the plan, with what the rehearsal showed.
    pub gates: Vec<GateOutcome>,
    /// Whether the rehearsal is recorded, for a gate that wants one.
    pub recorded: bool,
    /// What the rehearsal showed; none at the depth of the plan.
    pub rehearsal: Option<Rehearsal>,
}

/// How deep a dry run goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Nothing runs.
    Plan,
    /// The steps run in a transaction that is rolled back, or on an empty scratch database of the same schema.
    #[default]
    Rehearse,
    /// The steps run on a clone that holds data.
    Full,
}

impl Depth {
    /// Its name, as the option has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Rehearse => "rehearse",
            Self::Full => "full",
        }
    }
}

/// One step of a dry run.
#[derive(Clone, Debug, Serialize)]
pub struct DryStep {
    /// The revision.
    #[serde(flatten)]
    pub revision: RevisionStatus,
    /// Its stem.
    pub stem: String,
    /// The file below the migrations folder.
    pub file: String,
    /// Whether functions of Rust are part of it.
    pub has_code: bool,
    /// The worst of its hazards and of what was measured.
    pub verdict: Verdict,
    /// Its hazards, the worst first.
    pub hazards: Vec<FoundHazard>,
    /// What it sends, in order.
    pub statements: Vec<DryStatement>,
    /// Where it was rehearsed, and what came of that.
    pub rehearsed: Rehearsed,
    /// How long it took there, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Option<Duration>,
}

/// One thing that a step does.
#[derive(Clone, Debug, Serialize)]
pub struct DryStatement {
    /// What it is.
    pub kind: StatementKind,
    /// The line of the file, from 1.
    pub line: usize,
    /// The text of a statement; of Rust, the function's part in the revision.
    pub text: String,
    /// What it did in the rehearsal; none where it did not run.
    pub measured: Option<Measured>,
}

/// What a step does one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// A statement of SQL.
    Sql,
    /// The Rust function of the step.
    Function,
    /// The hook and the checks before an up.
    Before,
    /// The hook and the checks after an up.
    After,
}

/// What was seen of one statement.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measured {
    /// When it began, since the rehearsal did, in milliseconds.
    #[serde(rename = "started_ms", serialize_with = "milliseconds")]
    pub started: Duration,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// The locks that it took, on what was there before its step; the strongest first.
    pub locks: Vec<HeldLock>,
    /// The relations whose files are others now.
    pub rewritten: Vec<Rewrite>,
    /// Rows that it wrote, by table.
    pub written: Vec<RowsWritten>,
    /// Tables that it read as a whole.
    pub scanned: Vec<Scan>,
    /// Write-ahead log that the server wrote meanwhile, other sessions' included.
    pub wal_bytes: u64,
}

/// A lock, as other sessions see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLock {
    /// On what, qualified and quoted where it must be.
    pub relation: String,
    /// `table`, `index`, `sequence`, `view`, `materialized view`, `foreign table` or `composite type`.
    pub kind: String,
    /// The mode.
    pub mode: LockMode,
    /// For how long: until the end of its step, or of its statement where the step has no transaction; in milliseconds.
    #[serde(rename = "held_ms", serialize_with = "milliseconds")]
    pub held: Duration,
    /// Whether an earlier step of the same transaction holds it already, so that nobody can tell whether this one takes it.
    pub carried: bool,
}

/// A relation that was written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewrite {
    /// Which.
    pub relation: String,
    /// `table`, `index` and so on.
    pub kind: String,
    /// Its size before.
    pub bytes_before: u64,
    /// Its size after; 0 where it was emptied.
    pub bytes_after: u64,
}

/// Rows written in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowsWritten {
    /// The table.
    pub table: String,
    /// Inserted.
    pub inserted: u64,
    /// Updated.
    pub updated: u64,
    /// Deleted.
    pub deleted: u64,
}

/// A table that was read as a whole, as to check a constraint or to build an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The table.
    pub table: String,
    /// How many rows the session read in doing so, also of a second reading; parallel workers read others.
    pub rows: u64,
}

/// Where a step was rehearsed, and what came of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Rehearsed {
    /// It was not.
    No {
        /// Why not.
        reason: String,
    },
    /// It ran to its end.
    Yes {
        /// Where.
        place: Place,
    },
    /// It failed, as it would in earnest.
    Failed {
        /// Where.
        place: Place,
        /// How.
        error: String,
    },
    /// It took longer than a rehearsal there may, or waited too long for a lock.
    GaveUp {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
}

/// Where steps are rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On the database itself, in one transaction that is rolled back.
    Database,
    /// On a scratch database of the same schema, without rows.
    Scratch,
    /// On a clone with its rows.
    Clone,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Database => "on the database itself",
            Self::Scratch => "on a scratch database without rows",
            Self::Clone => "on a clone",
        })
    }
}

/// What a rehearsal showed of the whole.
#[derive(Clone, Debug, Serialize)]
pub struct Rehearsal {
    /// Where it took place.
    pub place: Place,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// What the catalog would be otherwise: `missing` what would go, `extra` what would come; none where not every step came to
    /// its end.
    pub differences: Option<Vec<Difference>>,
    /// How the database itself is afterwards; none where it took no part.
    pub untouched: Option<Untouched>,
    /// What did not roll back on the database itself.
    pub left_behind: Vec<LeftBehind>,
}

/// The database itself before and after a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untouched {
    /// The catalog's fingerprint before.
    pub fingerprint_before: String,
    /// The same after.
    pub fingerprint_after: String,
    /// The number of history rows before.
    pub history_before: usize,
    /// The same after.
    pub history_after: usize,
}

/// What a rolled-back transaction leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LeftBehind {
    /// A sequence that was moved on; its next value is another than it would have been.
    Sequence {
        /// Which.
        sequence: String,
    },
    /// Space in a table's file, which vacuum makes usable again.
    DeadRows {
        /// The table.
        table: String,
        /// How many rows.
        rows: u64,
    },
    /// A foreign table that was written to: whether that rolls back is up to its server.
    ForeignTable {
        /// Which.
        table: String,
    },
}

impl Untouched {
    /// Whether the database is as it was.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.fingerprint_before == self.fingerprint_after && self.history_before == self.history_after
    }
}
