use std::time::Duration;

use super::{
    Down, Effect, EffectKind, Kind, Revision, RustFn, RustStep, Script, Settings, Step, Transaction,
};

/// A set as the build renders it: numbers and one text, hardly a pointer.
///
/// The loader has to write every pointer of a program before its first instruction, and to touch the page it is on.
/// A history of thousands of revisions in this form costs a boot with nothing to do neither.
#[derive(Debug)]
pub struct Baked {
    /// What a boot compares with the database.
    pub digest: Digest,
    /// All texts, end to end.
    pub text: &'static str,
    /// The statements of all scripts, each script's from its own start.
    pub statements: &'static [(u32, u32)],
    /// What of the statements a run must know before it sends them.
    pub effects: &'static [BakedEffect],
    /// The revisions in order of version.
    pub revisions: &'static [BakedRevision],
    /// The functions of Rust revisions.
    pub functions: &'static [RustFn],
    /// The text of the head's snapshot, which a boot with nothing to do does not look at.
    pub snapshot: Option<&'static str>,
}

/// What tells one history from another: number, newest version, and the sum of refinery's checksums, each of which
/// covers version, name and text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// The number of revisions.
    pub count: usize,
    /// The newest version of either kind.
    pub newest: Option<i64>,
    /// The sum of the checksums.
    pub checksums: u128,
}

/// From where to where in one of the set's tables.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub u32, pub u32);

/// One revision of a baked set.
#[derive(Clone, Copy, Debug)]
pub struct BakedRevision {
    /// The version.
    pub version: i64,
    /// The kind.
    pub kind: Kind,
    /// The name, in the text.
    pub name: Span,
    /// The up.
    pub up: BakedStep,
    /// The down.
    pub down: BakedDown,
    /// The SHA-256, in the text.
    pub sha256: Span,
    /// Refinery's checksum.
    pub checksum: u64,
    /// The first version that it replaces.
    pub replaces: Option<i64>,
}

/// What a statement of a baked script does: its place in the script, and the names in the text.
#[derive(Clone, Copy, Debug)]
pub struct BakedEffect(pub u32, pub EffectKind, pub Span, pub Span);

/// A step of a baked revision.
#[derive(Clone, Copy, Debug)]
pub enum BakedStep {
    /// A script: its file and text in the text, its statements and effects among theirs.
    Sql(Span, Span, Span, Span, Settings),
    /// A function: its file and marker in the text, its place among the functions, whether it changes the schema.
    Rust(Span, Span, u32, Settings, bool),
}

/// The down of a baked revision.
#[derive(Clone, Copy, Debug)]
pub enum BakedDown {
    /// A step.
    Step(BakedStep),
    /// The reason, in the text.
    Irreversible(Span),
    /// Nobody wrote one.
    Missing,
}

impl Settings {
    /// Settings as the build renders them; the time in milliseconds, 0 for none.
    #[must_use]
    pub const fn from_baked(transaction: Transaction, lock_timeout: u64) -> Self {
        let lock_timeout = if lock_timeout == 0 { None } else { Some(Duration::from_millis(lock_timeout)) };
        Self { transaction, lock_timeout }
    }
}

impl Baked {
    pub(super) fn decode(&'static self) -> Vec<Revision> {
        self.revisions.iter().map(|revision| self.revision(revision)).collect()
    }

    fn revision(&'static self, baked: &BakedRevision) -> Revision {
        let BakedRevision { version, kind, name, up, down, sha256, checksum, replaces } = *baked;
        Revision {
            version,
            kind,
            name: self.text(name).into(),
            up: self.step(up),
            down: match down {
                BakedDown::Step(step) => Down::Step(self.step(step)),
                BakedDown::Irreversible(reason) => Down::Irreversible(self.text(reason).into()),
                BakedDown::Missing => Down::Missing,
            },
            sha256: self.text(sha256).into(),
            checksum,
            replaces,
        }
    }

    fn step(&'static self, step: BakedStep) -> Step {
        match step {
            BakedStep::Sql(file, text, Span(start, end), Span(first, last), settings) => Step::Sql(Script {
                file: self.text(file).into(),
                text: self.text(text).into(),
                statements: self.statements[start as usize..end as usize].into(),
                effects: self.effects[first as usize..last as usize]
                    .iter()
                    .map(|effect| self.effect(effect))
                    .collect(),
                settings,
            }),
            BakedStep::Rust(file, marker, function, settings, alters_schema) => Step::Rust(RustStep {
                file: self.text(file).into(),
                marker: self.text(marker).into(),
                run: self.functions.get(function as usize).copied(),
                settings,
                alters_schema,
            }),
        }
    }

    fn effect(&'static self, &BakedEffect(statement, kind, object, part): &BakedEffect) -> Effect {
        Effect { statement, kind, object: self.text(object).into(), part: self.text(part).into() }
    }

    fn text(&'static self, Span(start, end): Span) -> &'static str {
        &self.text[start as usize..end as usize]
    }
}
