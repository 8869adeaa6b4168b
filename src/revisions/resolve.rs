use std::path::Path;

use hardtack_build::lock::{Lock, LockError};
use hardtack_build::{Finding, Level, Policy, PolicyError};

use super::{
    Around, Companion, Deferred, Down, Effect, EffectKind, Hook, Kind, Moment, Question, Revision,
    RevisionCheck, RevisionSet, RustStep, Script, Settings, StaticHazard, Step, Transaction,
};

/// A folder of revisions, resolved at run time by the code that bakes it at compile time.
///
/// Rust revisions are there as well, but only the binary they were baked into can run them.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The revisions.
    pub revisions: RevisionSet,
    /// Findings that the policy lets pass, as text with file, line and column.
    pub warnings: Vec<String>,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// A file cannot be read.
    #[error("resolve the revisions: {0}")]
    Unreadable(#[from] hardtack_build::ResolveError),
    /// The `[build]` table of `hardtack.toml` cannot be used.
    #[error("resolve the revisions: {0}")]
    Policy(#[from] PolicyError),
    /// The lock file cannot be read or written.
    #[error("pin the revisions: {0}")]
    Lock(#[from] LockError),
    /// The revisions have faults that the build refuses too.
    #[error("resolve the revisions: {} to mend:\n{}", .0.len(), .0.join("\n"))]
    Findings(Vec<String>),
}

/// Resolves a folder with the policy of the `hardtack.toml` in the working directory. Writes nothing. A snapshot that is
/// missing or stale is a warning: only compiling needs it, and what takes it resolves the folder first.
///
/// # Errors
/// Everything else that would be a compile error, all at once; a file that cannot be read.
pub fn resolve(folder: &Path) -> Result<Folder, ResolveError> {
    let mut resolved = hardtack_build::resolve(folder, &policy()?)?;
    for finding in resolved.findings.iter_mut().filter(|finding| finding.is_about_snapshot()) {
        finding.level = Level::Warn;
    }
    let resolved = sound(resolved)?;
    let warnings = texts(&resolved.findings, Level::Warn);
    Ok(Folder { revisions: set(resolved), warnings })
}

/// Resolves a folder for looking at a database and for going back: what the build would refuse is a warning. Writes
/// nothing. A file that cannot be understood at all is left out.
///
/// # Errors
/// A file that cannot be read.
pub fn resolve_leniently(folder: &Path) -> Result<Folder, ResolveError> {
    let resolved = hardtack_build::resolve(folder, &policy()?)?;
    let warnings = [texts(&resolved.findings, Level::Error), texts(&resolved.findings, Level::Warn)].concat();
    Ok(Folder { revisions: set(resolved), warnings })
}

/// A folder as it was found, with all that the build says about it.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The sound revisions.
    pub revisions: RevisionSet,
    /// All that is wrong, in order of file and line.
    pub findings: Vec<Finding>,
}

/// Looks at a folder with the policy of the `hardtack.toml` in the working directory, and judges `versions` also where they
/// are pinned. Writes nothing.
///
/// # Errors
/// A file that cannot be read.
pub fn inspect(folder: &Path, versions: impl IntoIterator<Item = i64>) -> Result<Inspection, ResolveError> {
    let mut resolved = hardtack_build::resolve(folder, &policy()?.judging(versions))?;
    let findings = std::mem::take(&mut resolved.findings);
    Ok(Inspection { revisions: set(resolved), findings })
}

/// Pins a folder's revisions in its lock file; returns the stems that are new there. Those that have `shipped`
/// already are not judged for missing downs and hazards.
///
/// # Errors
/// As [`resolve`], and a snapshot that is missing or stale; a lock file that cannot be read or written.
pub fn pin(folder: &Path, shipped: bool) -> Result<Vec<String>, ResolveError> {
    let policy = if shipped { policy()?.for_shipped() } else { policy()? };
    let resolved = sound(hardtack_build::resolve(folder, &policy)?)?;
    let mut lock = Lock::read(folder)?;
    let pinned = lock.pin(&resolved);
    if !pinned.is_empty() {
        lock.write(folder)?;
    }
    Ok(pinned)
}

pub(super) fn policy() -> Result<Policy, PolicyError> {
    Policy::load(Path::new("hardtack.toml"))
}

fn set(resolved: hardtack_build::Resolved) -> RevisionSet {
    let snapshot = resolved.head.map(|head| head.text);
    let revisions = resolved.revisions.into_iter().map(Revision::from).collect();
    RevisionSet::from_revisions(revisions).with_snapshot(snapshot.as_deref())
}

fn sound(resolved: hardtack_build::Resolved) -> Result<hardtack_build::Resolved, ResolveError> {
    if resolved.has_errors() {
        return Err(ResolveError::Findings(texts(&resolved.findings, Level::Error)));
    }
    Ok(resolved)
}

fn texts(findings: &[Finding], level: Level) -> Vec<String> {
    findings.iter().filter(|finding| finding.level == level).map(ToString::to_string).collect()
}

impl From<hardtack_build::Revision> for Revision {
    fn from(revision: hardtack_build::Revision) -> Self {
        Self {
            version: revision.version,
            kind: match revision.kind {
                hardtack_build::Kind::Versioned => Kind::Versioned,
                hardtack_build::Kind::Unversioned => Kind::Unversioned,
            },
            name: revision.name.into(),
            up: revision.up.into(),
            down: match revision.down {
                hardtack_build::Down::Step(step) => Down::Step(step.into()),
                hardtack_build::Down::Irreversible(reason) => Down::Irreversible(reason.into()),
                hardtack_build::Down::Missing => Down::Missing,
            },
            around: revision.around.into(),
            sha256: revision.sha256.into(),
            checksum: revision.checksum,
            replaces: revision.replaces,
        }
    }
}

impl From<hardtack_build::Around> for Around {
    fn from(around: hardtack_build::Around) -> Self {
        let hardtack_build::Around { companion, before, after, backfill, requires, breaks_before, checks } =
            around;
        let hook = |hook: hardtack_build::Hook| Hook { run: None, alters_schema: hook.alters_schema };
        let companion = companion.map(|companion| Companion {
            file: companion.file.into(),
            marker: companion.marker.into(),
            before: before.map(hook),
            after: after.map(hook),
            backfill: backfill.then_some(Deferred { run: None }),
        });
        let checks = checks.into_iter().map(RevisionCheck::from).collect();
        Self { companion, requires, breaks_before, checks }
    }
}

impl From<hardtack_build::Check> for RevisionCheck {
    fn from(check: hardtack_build::Check) -> Self {
        let hardtack_build::Check { name, moment, file, query } = check;
        Self {
            name: name.into(),
            moment: match moment {
                hardtack_build::Moment::Before => Moment::Before,
                hardtack_build::Moment::After => Moment::After,
                hardtack_build::Moment::Unchanged => Moment::Unchanged,
            },
            file: file.into(),
            question: query.map_or(Question::Rust(None), |query| Question::Sql(query.into())),
        }
    }
}

impl From<hardtack_build::Step> for Step {
    fn from(step: hardtack_build::Step) -> Self {
        match step {
            hardtack_build::Step::Sql(script) => Self::Sql(script.into()),
            hardtack_build::Step::Rust(file) => Self::Rust(file.into()),
        }
    }
}

impl From<hardtack_build::Script> for Script {
    fn from(script: hardtack_build::Script) -> Self {
        let hardtack_build::Script { file, text, statements, effects, hazards, settings } = script;
        Self {
            file: file.into(),
            text: text.into(),
            statements: statements.into(),
            effects: effects.into_iter().map(Effect::from).collect(),
            hazards: hazards.into_iter().map(StaticHazard::from).collect(),
            settings: settings.into(),
        }
    }
}

impl From<hardtack_build::Effect> for Effect {
    fn from(effect: hardtack_build::Effect) -> Self {
        let hardtack_build::Effect { statement, kind, object, part } = effect;
        Self { statement, kind: kind.into(), object: object.into(), part: part.into() }
    }
}

impl From<hardtack_build::StaticHazard> for StaticHazard {
    fn from(hazard: hardtack_build::StaticHazard) -> Self {
        let hardtack_build::StaticHazard { statement, rule, object, part, allowed } = hazard;
        let (rule, object, part) = (rule.into(), object.into(), part.into());
        Self { statement, rule, object, part, allowed: allowed.map(Into::into) }
    }
}

impl From<hardtack_build::EffectKind> for EffectKind {
    fn from(kind: hardtack_build::EffectKind) -> Self {
        use hardtack_build::EffectKind as Built;
        match kind {
            Built::StandsAlone => Self::StandsAlone,
            Built::OpensTransaction => Self::OpensTransaction,
            Built::EndsTransaction => Self::EndsTransaction,
            Built::Sets => Self::Sets,
            Built::BuildsIndex => Self::BuildsIndex,
            Built::DropsIndex => Self::DropsIndex,
            Built::DetachesPartition => Self::DetachesPartition,
            Built::DropsTable => Self::DropsTable,
            Built::DropsColumn => Self::DropsColumn,
            Built::DeletesRows => Self::DeletesRows,
            Built::ChangesRows => Self::ChangesRows,
            Built::DropsMore => Self::DropsMore,
            Built::Opaque => Self::Opaque,
        }
    }
}

impl From<hardtack_build::RustFile> for RustStep {
    fn from(file: hardtack_build::RustFile) -> Self {
        let hardtack_build::RustFile { file, marker, settings, alters_schema, .. } = file;
        Self { file: file.into(), marker: marker.into(), run: None, settings: settings.into(), alters_schema }
    }
}

impl From<hardtack_build::Settings> for Settings {
    fn from(settings: hardtack_build::Settings) -> Self {
        let transaction = match settings.transaction {
            hardtack_build::Transaction::PerRevision => Transaction::PerRevision,
            hardtack_build::Transaction::None => Transaction::None,
        };
        Self { transaction, lock_timeout: settings.lock_timeout }
    }
}
