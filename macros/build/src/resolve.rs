use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::assemble::{Assembler, assemble};
use crate::finding::{Finding, Level};
use crate::inspector::Inspector;
use crate::lock::{self, Lock};
use crate::pins::removed;
use crate::policy::{Accept, Policy};
use crate::revision::Revision;
use crate::scan::{Groups, ResolveError, scan};
use crate::stem::Stem;

/// A migrations folder, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The sound revisions, in order of version. A revision whose files make none is left out, and a finding
    /// says so.
    pub revisions: Vec<Revision>,
    /// All that is wrong, in order of file and line.
    pub findings: Vec<Finding>,
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
    if !folder.is_dir() {
        let help = "create it with a first revision, such as `V1__accounts.sql`";
        return Ok(nothing_in(shown, "missing-folder", "there is no such folder", help));
    }
    let (groups, mut findings) = scan(folder, shown)?;
    if groups.is_empty() && findings.is_empty() {
        let help = "write a first revision, such as `V1__accounts.sql`";
        return Ok(nothing_in(shown, "empty-folder", "the folder holds no revision", help));
    }
    let lock = read_lock(folder, shown, &groups, &mut findings)?;
    let groups = without_repeated(groups, shown, &mut findings);
    let inspector = Inspector::new(policy, cache);
    let mut assembler = Assembler { shown, policy, lock: &lock, inspector, findings: Vec::new() };
    let mut accepted = Accepted::new(&policy.accept);
    let revisions = assemble(&mut assembler, &groups, |stem, about| {
        findings.extend(accepted.filter(stem, about));
    })?;
    assembler.inspector.save();
    findings.extend(accepted.unused());
    findings.sort_by(|one, other| {
        (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
    });
    Ok(Resolved { revisions, findings })
}

fn nothing_in(shown: &str, code: &'static str, message: &str, help: &str) -> Resolved {
    let finding = Finding::in_file(Level::Error, code, shown, message, help).at(0, 0);
    Resolved { revisions: Vec::new(), findings: vec![finding] }
}

fn read_lock(
    folder: &Path,
    shown: &str,
    groups: &Groups,
    findings: &mut Vec<Finding>,
) -> Result<Lock, ResolveError> {
    let path = folder.join(lock::FILE);
    let (lock, malformed) = Lock::read_leniently(&path).map_err(ResolveError::read(&path))?;
    let file = format!("{shown}/{}", lock::FILE);
    findings.extend(
        malformed.into_iter().map(|line| {
            Finding::in_file(Level::Error, "lock", &file, line.message, line.help).at(line.line, 1)
        }),
    );
    let there: BTreeSet<&Stem> = groups.keys().map(|(stem, _)| stem).collect();
    findings.extend(removed(&lock, &there, &file));
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

/// The findings that the policy lets pass, and which of its entries were needed for that.
struct Accepted<'a> {
    entries: Vec<(&'a Accept, bool)>,
}

impl<'a> Accepted<'a> {
    fn new(entries: &'a [Accept]) -> Self {
        Self { entries: entries.iter().map(|entry| (entry, false)).collect() }
    }

    /// The findings about a revision that no entry accepts.
    fn filter(&mut self, stem: &Stem, mut findings: Vec<Finding>) -> Vec<Finding> {
        let stem = stem.to_string();
        for (entry, is_used) in self.entries.iter_mut().filter(|(entry, _)| entry.revision == stem) {
            let before = findings.len();
            findings.retain(|finding| finding.code != entry.finding);
            *is_used |= findings.len() < before;
        }
        findings
    }

    fn unused(self) -> impl Iterator<Item = Finding> {
        let unused = self.entries.into_iter().filter(|(_, is_used)| !is_used);
        unused.map(|(Accept { revision, finding, line, .. }, _)| {
            let message = format!("{revision} has no finding `{finding}` to accept");
            let (code, file) = ("unused-accept", "hardtack.toml");
            Finding::in_file(Level::Warn, code, file, message, "remove the entry").at(*line, 1)
        })
    }
}
