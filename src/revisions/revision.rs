use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::Around;
use super::context::{BoxFuture, Context, RevisionResult};

/// One step of schema history, named by its stem `V7__split_names`.
///
/// The fields are public so that a set can be made by other means than a folder; a revision is never changed
/// after it was built.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The version: a plain number or a timestamp, unique in its set across both kinds.
    pub version: i64,
    /// Whether the revision has a place in the order.
    pub kind: Kind,
    /// The name behind the version, `split_names`.
    pub name: Cow<'static, str>,
    /// The forward step.
    pub up: Step,
    /// The backward step, or why there is none.
    pub down: Down,
    /// What runs around the up.
    pub around: Around,
    /// SHA-256 of the up, in lower-case hexadecimal: of an SQL text with CRLF folded to LF, of a Rust file
    /// by its tokens; of both where hooks or checks in Rust stand beside SQL.
    pub sha256: Cow<'static, str>,
    /// Refinery's own checksum of the up, as its history table holds it (64-bit versions).
    pub checksum: u64,
    /// The first version of the range that this revision stands for; the range ends at its own version. A database that has
    /// the range's last revision has this one too.
    pub replaces: Option<i64>,
}

/// Whether a revision has a place in the order of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `V`: applied in order of version, never behind the newest applied one.
    Versioned,
    /// `U`: refinery's unversioned kind, applied whenever it is missing.
    Unversioned,
}

/// A step of a revision, forward or backward.
#[derive(Clone, Debug)]
pub enum Step {
    /// A text of SQL statements.
    Sql(Script),
    /// An asynchronous Rust function.
    Rust(RustStep),
}

/// The backward step of a revision.
#[derive(Clone, Debug)]
pub enum Down {
    /// A step.
    Step(Step),
    /// The author said why there is no way back.
    Irreversible(Cow<'static, str>),
    /// Nobody wrote one; the build was told to let that pass.
    Missing,
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Forward.
    #[default]
    Up,
    /// Backward.
    Down,
}

/// How one step runs, as its author set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How the step is wrapped.
    pub transaction: Transaction,
    /// The longest wait for one lock, where the step sets its own.
    pub lock_timeout: Option<Duration>,
}

/// How a step is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    /// One transaction holds the step and its history row.
    PerRevision,
    /// Statement by statement, each on its own; for `CREATE INDEX CONCURRENTLY` and its kin.
    None,
}

/// A text of SQL with the places of its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file below the migrations folder, with forward slashes, for messages.
    pub file: Cow<'static, str>,
    /// The text, without byte-order mark, CRLF folded to LF.
    pub text: Cow<'static, str>,
    /// Byte ranges of the statements in the text, without their semicolons and outer white space.
    pub statements: Cow<'static, [(u32, u32)]>,
    /// What of the statements a run must know before it sends them, in their order.
    pub effects: Vec<Effect>,
    /// What of the statements can be dangerous, as far as their text tells; in their order.
    pub hazards: Vec<StaticHazard>,
    /// How the script runs.
    pub settings: Settings,
}

/// One thing that a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The statement's place in its script, from 0.
    pub statement: u32,
    /// What it does.
    pub kind: EffectKind,
    /// To what: a name as SQL writes it, perhaps with its schema; empty where there is none.
    pub object: Cow<'static, str>,
    /// The second name, where the kind has one.
    pub part: Cow<'static, str>,
}

/// A hazard that the build found in a statement's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticHazard {
    /// The statement's place in its script, from 0.
    pub statement: u32,
    /// The hazard's name, in kebab case; squawk's for its rules.
    pub rule: Cow<'static, str>,
    /// The table or other object that it is about, as SQL writes it; empty where the text does not tell.
    pub object: Cow<'static, str>,
    /// The column, constraint, index or second object, where there is one.
    pub part: Cow<'static, str>,
    /// The reason with which the author accepted it: `allow RULE "reason"`.
    pub allowed: Option<Cow<'static, str>>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// The server refuses it inside a transaction.
    StandsAlone,
    /// Opens a transaction of the script's own.
    OpensTransaction,
    /// Ends one.
    EndsTransaction,
    /// Changes a setting of the session for the statements behind it.
    Sets,
    /// Builds an index concurrently: its name, empty where the server makes one up, and the table.
    BuildsIndex,
    /// Drops an index concurrently.
    DropsIndex,
    /// Detaches a partition concurrently: the table, and the partition.
    DetachesPartition,
    /// Drops a table with its rows.
    DropsTable,
    /// Drops a column with its values: the table, and the column.
    DropsColumn,
    /// Deletes rows of a table, perhaps all of them.
    DeletesRows,
    /// Changes values of a table, by an `UPDATE` or another type of a column.
    ChangesRows,
    /// Drops whatever hangs on an object, or a whole database: nobody can tell from the text what is lost.
    DropsMore,
    /// Runs code whose effect nobody can tell from the text.
    Opaque,
}

/// A function of a Rust revision.
#[derive(Clone)]
pub struct RustStep {
    /// The file below the migrations folder, with forward slashes, for messages.
    pub file: Cow<'static, str>,
    /// The SQL that stands for the step in refinery's history: it raises an exception, so that a plain
    /// refinery runner stops instead of recording what it did not do.
    pub marker: Cow<'static, str>,
    /// The function; none where a folder was resolved at run time.
    pub run: Option<RustFn>,
    /// How the function runs.
    pub settings: Settings,
    /// Whether the step says that it changes the schema, and not data alone: `#[hardtack::up(alters_schema)]`. A replay that
    /// cannot run Rust passes over the others.
    pub alters_schema: bool,
}

/// The shape into which `#[hardtack::up]` and `#[hardtack::down]` turn a function.
pub type RustFn = for<'a> fn(&'a mut Context<'_>) -> BoxFuture<'a, RevisionResult<()>>;

impl Revision {
    /// The stem of the revision's files, `V7__split_names`.
    ///
    /// ```
    /// use hardtack::{Kind, RevisionSet};
    ///
    /// # hardtack::embed!();
    /// let first = migrations::REVISIONS.iter().next().unwrap();
    /// assert_eq!(first.stem(), "V1__accounts");
    /// assert_eq!(first.kind, Kind::Versioned);
    /// ```
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}{}__{}", self.kind.prefix(), self.version, self.name)
    }

    /// The text that refinery runs and hashes: the SQL, or the marker that stands for Rust.
    #[must_use]
    pub fn text(&self) -> &str {
        match (&self.around.companion, &self.up) {
            (Some(companion), _) => &companion.marker,
            (None, Step::Sql(script)) => &script.text,
            (None, Step::Rust(step)) => &step.marker,
        }
    }

    /// The step in this direction; none where there is no way back.
    #[must_use]
    pub fn step(&self, direction: Direction) -> Option<&Step> {
        match (direction, &self.down) {
            (Direction::Up, _) => Some(&self.up),
            (Direction::Down, Down::Step(step)) => Some(step),
            (Direction::Down, Down::Irreversible(_) | Down::Missing) => None,
        }
    }

    /// The file of the up, below the migrations folder.
    #[must_use]
    pub fn file(&self) -> &str {
        self.up.file()
    }

    /// Whether the up is a Rust function.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        matches!(self.up, Step::Rust(_))
    }

    /// Whether the up, the down or what runs around the up is in Rust, which may want to know the schema that it finds.
    #[must_use]
    pub fn has_rust(&self) -> bool {
        let has_down = matches!(self.down, Down::Step(Step::Rust(_)));
        self.is_rust() || has_down || self.around.companion.is_some()
    }

    /// Whether this revision's up has run when the Rust function of another one begins. A down or a hook of Rust beside an up
    /// of SQL knows what that up has made.
    #[must_use]
    pub fn runs_before_rust_of(&self, other: &Self) -> bool {
        self.version < other.version || (self.version == other.version && !other.is_rust())
    }
}

impl Direction {
    /// `up` or `down`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Step {
    /// The file, below the migrations folder.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Sql(script) => &script.file,
            Self::Rust(step) => &step.file,
        }
    }

    /// How it runs.
    #[must_use]
    pub fn settings(&self) -> Settings {
        match self {
            Self::Sql(script) => script.settings,
            Self::Rust(step) => step.settings,
        }
    }

    /// Whether it is `sql` or `rust`.
    #[must_use]
    pub fn language(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Rust(_) => "rust",
        }
    }
}

impl Kind {
    /// The letter that starts a stem.
    #[must_use]
    pub fn prefix(self) -> char {
        match self {
            Self::Versioned => 'V',
            Self::Unversioned => 'U',
        }
    }
}

impl Script {
    /// The statements in order, without their semicolons.
    #[must_use]
    pub fn statements(&self) -> impl ExactSizeIterator<Item = &str> {
        self.statements.iter().map(|&(start, end)| &self.text[start as usize..end as usize])
    }

    /// The effects of the statement at `index`.
    pub fn effects_of(&self, index: usize) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(move |effect| effect.statement as usize == index)
    }

    /// The line, from 1, on which the statement at `index` starts.
    #[must_use]
    pub fn line_of(&self, index: usize) -> Option<usize> {
        let &(start, _) = self.statements.get(index)?;
        Some(self.text[..start as usize].matches('\n').count() + 1)
    }
}

impl fmt::Debug for RustStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RustStep").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Serialize for Down {
    /// As one word: `sql`, `rust`, `irreversible` or `missing`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Step(step) => step.language(),
            Self::Irreversible(_) => "irreversible",
            Self::Missing => "missing",
        })
    }
}
