use std::time::Duration;

use super::{
    Around, CheckFn, Companion, Deferred, Down, Effect, EffectKind, Hook, Kind, Moment, Question, Revision,
    RevisionCheck, RustFn, RustStep, Script, Settings, StaticHazard, Step, Transaction,
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
    /// What of the statements can be dangerous.
    pub hazards: &'static [BakedHazard],
    /// The revisions in order of version.
    pub revisions: &'static [BakedRevision],
    /// The functions of Rust revisions and of hooks.
    pub functions: &'static [RustFn],
    /// The hooks, of the revisions that have some.
    pub hooks: &'static [BakedHooks],
    /// A revision's place, and a version of which the backfill must have finished first.
    pub requires: &'static [(u32, i64)],
    /// A revision's place, and the version that a binary must know at the least to work behind it.
    pub breaks: &'static [(u32, i64)],
    /// The checks of all revisions, each revision's in their order.
    pub checks: &'static [BakedCheck],
    /// The functions of checks.
    pub check_functions: &'static [CheckFn],
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

/// A hazard in a statement of a baked script: the statement's place in the script; rule, object and part in the text; the
/// reason with which it is accepted, in the text.
#[derive(Clone, Copy, Debug)]
pub struct BakedHazard(pub u32, pub Span, pub Span, pub Span, pub Option<Span>);

/// The Rust file beside a revision's SQL: the revision's place, file and marker in the text; the hooks before and after, each
/// with its place among the functions, and whether it changes the schema; the backfill, with its place among the functions.
#[derive(Clone, Copy, Debug)]
pub struct BakedHooks(
    pub u32,
    pub Span,
    pub Span,
    pub Option<(u32, bool)>,
    pub Option<(u32, bool)>,
    pub Option<u32>,
);

/// A check: the revision's place, the check's name in the text, when it is asked, its file in the text, what is asked.
#[derive(Clone, Copy, Debug)]
pub struct BakedCheck(pub u32, pub Span, pub Moment, pub Span, pub BakedQuestion);

/// What a baked check asks.
#[derive(Clone, Copy, Debug)]
pub enum BakedQuestion {
    /// A query, in the text.
    Sql(Span),
    /// A function, by its place among those of checks.
    Rust(u32),
}

/// A step of a baked revision.
#[derive(Clone, Copy, Debug)]
pub enum BakedStep {
    /// A script: its file and text in the text, its statements, effects and hazards among theirs.
    Sql(Span, Span, Span, Span, Span, Settings),
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

impl Span {
    fn of<T>(self, table: &[T]) -> &[T] {
        &table[self.0 as usize..self.1 as usize]
    }
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
        (0..).zip(self.revisions).map(|(place, revision)| self.revision(place, revision)).collect()
    }

    fn revision(&'static self, place: u32, baked: &BakedRevision) -> Revision {
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
            around: self.around(place),
            sha256: self.text(sha256).into(),
            checksum,
            replaces,
        }
    }

    /// What runs around the revision at that place.
    fn around(&'static self, place: u32) -> Around {
        let companion = self.hooks.iter().find(|hooks| hooks.0 == place);
        let checks = self.checks.iter().filter(|check| check.0 == place);
        Around {
            companion: companion.map(|&BakedHooks(_, file, marker, before, after, backfill)| Companion {
                file: self.text(file).into(),
                marker: self.text(marker).into(),
                before: before.map(|hook| self.hook(hook)),
                after: after.map(|hook| self.hook(hook)),
                backfill: backfill.map(|place| Deferred { run: self.functions.get(place as usize).copied() }),
            }),
            requires: self
                .requires
                .iter()
                .filter(|required| required.0 == place)
                .map(|required| required.1)
                .collect(),
            breaks_before: self.breaks.iter().find(|breaks| breaks.0 == place).map(|breaks| breaks.1),
            checks: checks.map(|check| self.check(check)).collect(),
        }
    }

    fn hook(&self, (place, alters_schema): (u32, bool)) -> Hook {
        Hook { run: self.functions.get(place as usize).copied(), alters_schema }
    }

    fn check(&'static self, &BakedCheck(_, name, moment, file, question): &BakedCheck) -> RevisionCheck {
        RevisionCheck {
            name: self.text(name).into(),
            moment,
            file: self.text(file).into(),
            question: match question {
                BakedQuestion::Sql(query) => Question::Sql(self.text(query).into()),
                BakedQuestion::Rust(place) => {
                    Question::Rust(self.check_functions.get(place as usize).copied())
                }
            },
        }
    }

    fn step(&'static self, step: BakedStep) -> Step {
        match step {
            BakedStep::Sql(file, text, statements, effects, hazards, settings) => Step::Sql(Script {
                file: self.text(file).into(),
                text: self.text(text).into(),
                statements: statements.of(self.statements).into(),
                effects: effects.of(self.effects).iter().map(|effect| self.effect(effect)).collect(),
                hazards: hazards.of(self.hazards).iter().map(|hazard| self.hazard(hazard)).collect(),
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

    fn hazard(
        &'static self,
        &BakedHazard(statement, rule, object, part, allowed): &BakedHazard,
    ) -> StaticHazard {
        StaticHazard {
            statement,
            rule: self.text(rule).into(),
            object: self.text(object).into(),
            part: self.text(part).into(),
            allowed: allowed.map(|reason| self.text(reason).into()),
        }
    }

    fn text(&'static self, Span(start, end): Span) -> &'static str {
        &self.text[start as usize..end as usize]
    }
}
