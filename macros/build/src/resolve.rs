use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::assemble::{Assembler, assemble};
use crate::checksum::History;
use crate::finding::{Finding, Level};
use crate::head::Head;
use crate::inspector::Inspector;
use crate::lock::{self, Lock};
use crate::pins::removed;
use crate::policy::{Accept, Policy, SYNTAX, is_acceptable};
use crate::requires::unmet;
use crate::revision::{Down, Revision, Step};
use crate::rules::{Class, class_of};
use crate::scan::{Groups, ResolveError, scan};
use crate::squash::remaining;
use crate::stem::Stem;

/// A migrations folder, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The sound revisions, in order of version. A revision whose files make none is left out, and a finding
    /// says so.
    pub revisions: Vec<Revision>,
    /// All that is wrong, in order of file and line.
    pub findings: Vec<Finding>,
    /// The snapshot of the head, where there is one.
    pub head: Option<Head>,
}

impl Resolved {
    /// Whether a finding forbids using the revisions.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }
}

/// Resolves a migrations folder: finds its revisions, reads and checks them. Nothing is written.
///
/// Everything wrong with the folder's content is a [`Finding`].
///
/// # Errors
/// A file or folder that exists and cannot be read.
pub fn resolve(folder: &Path, policy: &Policy) -> Result<Resolved, ResolveError> {
    let shown = folder.to_string_lossy().replace('\\', "/");
    resolve_as(folder, shown.trim_end_matches('/'), policy, None)
}

/// Resolves a folder that messages name `shown`, and keeps what was seen of its SQL in a `cache` file.
pub(crate) fn resolve_as(
    folder: &Path,
    shown: &str,
    policy: &Policy,
    cache: Option<PathBuf>,
) -> Result<Resolved, ResolveError> {
    if folder.is_file() {
        let help = "name the folder that holds the revisions";
        return Ok(nothing_in(shown, "missing-folder", "this is a file, not a folder", help));
    }
    if !folder.is_dir() {
        let help = "create it with a first revision, such as `V1__accounts.sql`";
        return Ok(nothing_in(shown, "missing-folder", "there is no such folder", help));
    }
    let (groups, mut findings) = scan(folder, shown)?;
    if groups.is_empty() && findings.is_empty() {
        let help = "write a first revision, such as `V1__accounts.sql`";
        return Ok(nothing_in(shown, "empty-folder", "the folder holds no revision", help));
    }
    let lock = read_lock(folder, shown, &mut findings)?;
    let there: BTreeSet<Stem> = groups.keys().map(|(stem, _)| stem.clone()).collect();
    let groups = without_repeated(groups, shown, &mut findings);
    let inspector = Inspector::new(policy, cache);
    let (findings_of_one, history) = (Vec::new(), Some(History::default()));
    let mut assembler =
        Assembler { folder, shown, policy, lock: &lock, inspector, findings: findings_of_one, history };
    let mut accepted = Accepted::new(policy, &lock);
    let revisions = assemble(&mut assembler, &groups, |stem, revision, about| {
        findings.extend(accepted.filter(stem, revision, about));
    })?;
    assembler.inspector.save();
    let head = Head::read(folder)?;
    findings.extend(head.as_ref().and_then(|head| head.stale(shown, assembler.history.as_ref())));
    findings.extend(removed(&lock, &there, &revisions, &format!("{shown}/{}", lock::FILE)));
    findings.extend(remaining(&revisions, shown));
    findings.extend(unmet(&revisions, shown));
    findings.extend(accepted.useless());
    findings.sort_by(|one, other| {
        (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
    });
    Ok(Resolved { revisions, findings, head })
}

fn nothing_in(shown: &str, code: &'static str, message: &str, help: &str) -> Resolved {
    let finding = Finding::in_file(Level::Error, code, shown, message, help).at(0, 0);
    Resolved { revisions: Vec::new(), findings: vec![finding], head: None }
}

fn read_lock(folder: &Path, shown: &str, findings: &mut Vec<Finding>) -> Result<Lock, ResolveError> {
    let path = folder.join(lock::FILE);
    let (lock, malformed) = Lock::read_leniently(&path).map_err(ResolveError::read(&path))?;
    let file = format!("{shown}/{}", lock::FILE);
    findings.extend(
        malformed.into_iter().map(|line| {
            Finding::in_file(Level::Error, "lock", &file, line.message, line.help).at(line.line, 1)
        }),
    );
    Ok(lock)
}

/// Drops the groups whose version an earlier one has.
fn without_repeated(groups: Groups, shown: &str, findings: &mut Vec<Finding>) -> Groups {
    let next = groups.keys().next_back().map_or(1, |(stem, _)| stem.version.saturating_add(1));
    let mut files: BTreeMap<i64, String> = BTreeMap::new();
    groups
        .into_iter()
        .filter(|((stem, _), group)| {
            let file = group.first().map(|found| found.file.clone()).unwrap_or_default();
            let Some(first) = files.get(&stem.version) else {
                files.insert(stem.version, file);
                return true;
            };
            let message = format!("version {} is taken by {shown}/{first}", stem.version);
            let help = format!("give the newer of the two the next version, {next}");
            let file = format!("{shown}/{file}");
            findings.push(Finding::in_file(Level::Error, "repeated-version", file, message, help));
            false
        })
        .collect()
}

/// The findings that the policy lets pass, and what its entries were good for.
struct Accepted<'a> {
    entries: Vec<(&'a Accept, Use)>,
    lock: &'a Lock,
    is_for_shipped: bool,
}

/// What became of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// There was nothing to let pass.
    None,
    /// It let a finding pass.
    Passed,
    /// It would have, were the revision pinned.
    Unpinned,
}

impl<'a> Accepted<'a> {
    fn new(policy: &'a Policy, lock: &'a Lock) -> Self {
        let entries = policy.accept.iter().map(|entry| (entry, Use::None)).collect();
        Self { entries, lock, is_for_shipped: policy.is_for_shipped() }
    }

    /// The findings about a revision that no entry accepts.
    fn filter(
        &mut self,
        stem: &Stem,
        revision: Option<&Revision>,
        mut findings: Vec<Finding>,
    ) -> Vec<Finding> {
        let is_shipped = self.is_for_shipped || self.lock.get(stem).is_some();
        let name = stem.to_string();
        for (entry, usage) in self.entries.iter_mut().filter(|(entry, _)| entry.revision == name) {
            let is_meant = |finding: &Finding| finding.code == entry.finding;
            if revision.is_some_and(|revision| is_of_use(entry, revision)) {
                *usage = Use::Passed;
            }
            if !is_acceptable(&entry.finding) || !findings.iter().any(is_meant) {
                continue;
            }
            if entry.finding == SYNTAX && !is_shipped {
                *usage = Use::Unpinned;
                continue;
            }
            findings.retain(|finding| !is_meant(finding));
            *usage = Use::Passed;
        }
        findings
    }

    /// Findings about the entries that let nothing pass.
    fn useless(self) -> impl Iterator<Item = Finding> {
        self.entries.into_iter().filter_map(|(entry, usage)| match usage {
            Use::None => Some(unused(entry)),
            Use::Passed => None,
            Use::Unpinned => Some(unpinned(entry)),
        })
    }
}

/// Whether a revision carries the reason of an entry to its run.
fn is_of_use(entry: &Accept, revision: &Revision) -> bool {
    let has_hazard = |step: &Step| match step {
        Step::Sql(script) => script.hazards.iter().any(|hazard| hazard.rule == entry.finding),
        Step::Rust(_) => false,
    };
    let is_live = class_of(&entry.finding) == Some(Class::Live);
    let in_down = matches!(&revision.down, Down::Step(step) if has_hazard(step));
    is_live || in_down || has_hazard(&revision.up)
}

fn unused(Accept { revision, finding, line, .. }: &Accept) -> Finding {
    let message = format!("{revision} has no finding `{finding}` to accept");
    Finding::in_file(Level::Warn, "unused-accept", "hardtack.toml", message, "remove the entry").at(*line, 1)
}

fn unpinned(Accept { revision, line, .. }: &Accept) -> Finding {
    let message = format!("{revision} is not pinned, so that its syntax cannot be accepted");
    let help = "if it has shipped, pin it with `hardtack lock --shipped`; else mend it, and remove the entry";
    Finding::in_file(Level::Error, "unpinned-accept", "hardtack.toml", message, help).at(*line, 1)
}
