use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::around::Around;
use crate::effects::Effect;
use crate::hazards::StaticHazard;
use crate::schema::Schema;

/// One step of schema history, as its files say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version, unique in its folder across both kinds.
    pub version: i64,
    /// Whether the revision has a place in the order.
    pub kind: Kind,
    /// The name behind the version, `split_names`.
    pub name: String,
    /// The forward step.
    pub up: Step,
    /// The backward step, or why there is none.
    pub down: Down,
    /// What runs around the up.
    pub around: Around,
    /// SHA-256 of the up in lower-case hexadecimal: of an SQL text with CRLF folded to LF, of a Rust file by
    /// its tokens; of both where hooks or checks in Rust stand beside SQL.
    pub sha256: String,
    /// Refinery's checksum of the up, with 64-bit versions.
    pub checksum: u64,
    /// The first version of the range that this revision stands for; the range ends at its own.
    pub replaces: Option<i64>,
    /// The `schema` module beside its Rust code.
    pub schema: Schema,
}

/// Whether a revision has a place in the order of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `V`: applied in order of version.
    Versioned,
    /// `U`: applied whenever it is missing.
    Unversioned,
}

/// A step of a revision, forward or backward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A text of SQL statements.
    Sql(Script),
    /// A Rust file that holds the function.
    Rust(RustFile),
}

/// The backward step of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    /// A step.
    Step(Step),
    /// The author said why there is no way back.
    Irreversible(String),
    /// Nobody wrote one, and the policy lets that pass.
    Missing,
}

/// A text of SQL with the places of its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file below the migrations folder, with forward slashes.
    pub file: String,
    /// The text, without byte-order mark, CRLF folded to LF.
    pub text: String,
    /// Byte ranges of the statements in the text, without their semicolons and outer white space.
    pub statements: Vec<(u32, u32)>,
    /// What of the statements a run must know before it sends them.
    pub effects: Vec<Effect>,
    /// What of the statements can be dangerous.
    pub hazards: Vec<StaticHazard>,
    /// How the script runs.
    pub settings: Settings,
}

/// A Rust file that holds a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustFile {
    /// The file below the migrations folder, with forward slashes.
    pub file: String,
    /// The absolute path, for the compiler.
    pub path: PathBuf,
    /// The SQL that stands for the step in refinery's history; it raises an exception.
    pub marker: String,
    /// How the function runs.
    pub settings: Settings,
    /// Whether the step changes the schema, and not data alone.
    pub alters_schema: bool,
}

/// How one step runs, as its author set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How the step is wrapped.
    pub transaction: Transaction,
    /// The longest wait for one lock, where the step sets its own.
    pub lock_timeout: Option<Duration>,
}

/// How a step is wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// One transaction holds the step and its history row.
    #[default]
    PerRevision,
    /// Statement by statement, each on its own.
    None,
}

impl Revision {
    /// The stem of the revision's files, `V7__split_names`.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}{}__{}", self.kind, self.version, self.name)
    }
}

impl Step {
    /// The file below the migrations folder, with forward slashes.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Sql(script) => &script.file,
            Self::Rust(file) => &file.file,
        }
    }
}

impl fmt::Display for Kind {
    /// The letter that starts a stem.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Versioned => "V",
            Self::Unversioned => "U",
        })
    }
}
