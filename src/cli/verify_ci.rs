use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hardtack_build::{Finding, stem_of};
use serde::Serialize;

use super::git::{Git, GitError, Since, pins};
use super::output::{count, remark};
use super::sections::{has_failed, issue, of_finding, section, skipped, text};
use super::session::{Failure, Session};
use super::snapshot_folder::standing;
use super::verify_advice::{to_put_back, to_rename, with_safe_way};
use super::verify_sections::snapshot_issue;
use super::{ExitCode, VerifyArgs};
use crate::engine::{Stair, StairOutcome};
use crate::plan::OutOfOrder;
use crate::report::{Issue, Level, Report as Rendered, Section};
use crate::revisions::{self, Inspection, Kind, Revision, RevisionSet, Step};

/// Judges a folder as a pull request has it. See `verify::EXAMPLES`.
pub(super) async fn run(session: &mut Session, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let folder = session.folder();
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Failure::usage(format!(
            "find the revisions: there is no folder {folder}; name it with --dir"
        )));
    }
    let branch = Branch::of(&folder, args.since.as_deref())?;
    let versions: Vec<i64> = branch.new.values().copied().collect();
    let inspection = revisions::inspect(&folder, versions.iter().copied())?;
    let mut sections = vec![
        lint(&branch, &inspection),
        lock_file(&branch, &inspection),
        snapshots(&inspection, &folder, &branch)?,
        collisions(&branch, &inspection.revisions, session.settings.out_of_order.value),
    ];
    sections.push(stairway(session, &branch, &inspection.revisions, &versions).await);
    let report = Report { since: branch.name(), new: branch.new.keys().collect(), sections: &sections };
    args.written(session, (&report, &text(&sections)), || {
        let title = format!("verification of {}", branch.shown);
        Rendered::of_sections(&title, &branch.shown, sections.clone())
    })?;
    Ok(if sections.iter().any(has_failed) { ExitCode::Failure } else { ExitCode::Success })
}

#[derive(Serialize)]
struct Report<'a> {
    /// The revision of git; none where what is not pinned counts as new.
    since: Option<&'a str>,
    /// The stems of the revisions that are new since.
    new: Vec<&'a String>,
    sections: &'a [Section],
}

/// What is new in a folder.
struct Branch {
    /// The repository with the other side; none where there is none.
    git: Option<(Git, Since)>,
    /// Versions by stem.
    new: BTreeMap<String, i64>,
    /// All files of revisions, from the repository's root.
    files: Vec<String>,
    /// How messages name the folder, and how it is named from the repository's root.
    shown: String,
}

impl Branch {
    fn of(folder: &Path, since: Option<&str>) -> Result<Self, Failure> {
        let shown = folder.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned();
        let git = repository(folder, since)?;
        let files = hardtack_build::files(folder)
            .map_err(|error| Failure::usage(format!("list the revisions: {error}")))?;
        let here = stems(files.iter().map(|(file, _)| file.as_str()));
        let old: BTreeSet<String> = match &git {
            Some((git, since)) => {
                stems(git.files_at_base(since)?.iter().map(String::as_str)).into_keys().collect()
            }
            None => {
                let lock =
                    std::fs::read_to_string(folder.join(hardtack_build::lock::FILE)).unwrap_or_default();
                pins(&lock).into_keys().collect()
            }
        };
        let new = here.into_iter().filter(|(stem, _)| !old.contains(stem)).collect();
        let mut branch = Self { git, new, files: Vec::new(), shown };
        branch.files = files.iter().map(|(file, _)| branch.file(file)).collect();
        Ok(branch)
    }

    fn name(&self) -> Option<&str> {
        self.git.as_ref().map(|(_, since)| since.name.as_str())
    }

    /// How many are new, and since when.
    fn described(&self) -> String {
        let new = count(self.new.len(), "new revision");
        match self.name() {
            Some(name) => format!("{new} since {name}"),
            None => format!("{new}: not pinned"),
        }
    }

    /// A path of the build's findings from the repository's root.
    fn place(&self, file: &str) -> String {
        let below = file.strip_prefix(&self.shown).map(|below| below.trim_start_matches('/'));
        match (&self.git, below) {
            (Some((git, _)), Some(below)) => {
                format!("{}{below}", git.prefix).trim_end_matches('/').to_owned()
            }
            _ => file.to_owned(),
        }
    }

    /// The place of a file below the folder.
    fn file(&self, file: &str) -> String {
        self.place(&format!("{}/{file}", self.shown))
    }
}

/// The repository, and the side that was named or is usual. A folder outside of any has none, unless one was named.
fn repository(folder: &Path, since: Option<&str>) -> Result<Option<(Git, Since)>, Failure> {
    match (Git::of(folder), since) {
        (Ok(git), Some(name)) => {
            let since = git.since(name)?;
            Ok(Some((git, since)))
        }
        (Ok(git), None) => {
            let since = git.since_usual();
            if since.is_none() {
                remark(
                    "git has none of origin/main, main, origin/master and master: revisions that are not pinned count as new",
                );
            }
            Ok(since.map(|since| (git, since)))
        }
        (Err(error), Some(_)) => Err(error.into()),
        (Err(error), None) => {
            remark(&format!("failed to {error}: revisions that are not pinned count as new"));
            Ok(None)
        }
    }
}

fn stems<'a>(files: impl Iterator<Item = &'a str>) -> Stems {
    // Snapshots and templates are no revisions.
    let is_revision = |file: &&str| !file.split('/').any(|part| part == "snapshots" || part == "templates");
    files.filter(is_revision).filter_map(stem_of).collect()
}

/// Findings that are about what has shipped.
const OF_LOCK: [&str; 5] = ["lock", "pinned-edited", "pinned-removed", "out-of-order", "unpinned-accept"];

fn lint(branch: &Branch, inspection: &Inspection) -> Section {
    let is_lint = |finding: &&Finding| !OF_LOCK.contains(&&*finding.code) && !finding.is_about_snapshot();
    let findings = inspection.findings.iter().filter(is_lint);
    let mut issues: Vec<Issue> =
        findings.map(|finding| with_safe_way(of_finding(finding, |file| branch.place(file)))).collect();
    issues.extend(
        inspection
            .revisions
            .iter()
            .filter(|revision| is_new(branch, revision))
            .flat_map(|revision| accepted(branch, revision)),
    );
    if !cfg!(feature = "lint") {
        issues.push(issue(
            Level::Notice,
            "no-lint",
            "this program was built without the feature `lint`",
            "build it with that",
        ));
    }
    section("lint", "lint", branch.described(), issues)
}

fn is_new(branch: &Branch, revision: &Revision) -> bool {
    branch.new.contains_key(&revision.stem())
}

/// The hazards that a file accepts: a reviewer wants to see them.
fn accepted(branch: &Branch, revision: &Revision) -> Vec<Issue> {
    let Step::Sql(script) = &revision.up else { return Vec::new() };
    let allowed = script.hazards.iter().filter_map(|hazard| {
        let reason = hazard.allowed.as_ref()?;
        let known = crate::safety::hazard(&hazard.rule);
        Some(Issue {
            level: Level::Warning,
            rule: hazard.rule.clone(),
            message: known.map_or_else(|| "a hazard".to_owned(), |known| known.danger.to_owned()),
            help: known.map_or_else(String::new, |known| known.recipe.to_owned()),
            file: Some(branch.file(&script.file)),
            line: script.line_of(hazard.statement as usize),
            accepted: Some(reason.clone().into_owned()),
        })
    });
    allowed.collect()
}

fn lock_file(branch: &Branch, inspection: &Inspection) -> Section {
    let of_lock: Vec<&Finding> =
        inspection.findings.iter().filter(|finding| OF_LOCK.contains(&&*finding.code)).collect();
    let mut issues: Vec<Issue> =
        of_lock.iter().map(|finding| of_finding(finding, |file| branch.place(file))).collect();
    if let Some((git, since)) = &branch.git {
        for (stem, issue) in edited(branch, (git, since), &inspection.revisions) {
            let begins = format!("{stem} has shipped");
            // The build may have said so already, and does not know of the other side.
            match issues.iter_mut().find(|told| told.message.starts_with(&begins)) {
                Some(told) if issue.level == Level::Error => told.help = issue.help,
                Some(_) => {}
                None => issues.push(issue),
            }
        }
    }
    let summary = match issues.len() {
        0 => "what has shipped is as it was".to_owned(),
        number => format!("{} about what has shipped", count(number, "finding")),
    };
    section("lock-file", "lock file", summary, issues)
}

/// What was edited or removed since the branch went off. What was pinned there has shipped, whatever the lock file says now.
fn edited(branch: &Branch, (git, since): (&Git, &Since), revisions: &RevisionSet) -> Vec<(String, Issue)> {
    let pinned = git.pins_at_base(since);
    let was: Vec<String> =
        git.files_at_base(since).unwrap_or_default().iter().map(|file| branch.file(file)).collect();
    let mut issues = Vec::new();
    for (stem, sha256) in &pinned {
        let revision = revisions.iter().find(|revision| revision.stem() == *stem);
        let message = match revision {
            Some(revision) if revision.sha256 == *sha256 => continue,
            Some(_) => format!("{stem} was edited, and {} has it pinned as shipped", since.name),
            None if is_squashed(stem, revisions) => continue,
            None => format!("{stem} is gone, and {} has it pinned as shipped", since.name),
        };
        let help = to_put_back(stem, &since.name, &was);
        let file = revision.map(|revision| branch.file(revision.file()));
        issues.push((stem.clone(), Issue { file, ..issue(Level::Error, "shipped-edited", message, help) }));
    }
    let edited = git.edited(since).unwrap_or_default();
    let ups = revisions.iter().filter(|revision| edited.iter().any(|file| file == revision.file()));
    for revision in ups.filter(|revision| !pinned.contains_key(&revision.stem())) {
        let message = format!("{} was edited since {}", revision.stem(), since.name);
        let help = "a database that has applied it will refuse it; write a new revision unless none has";
        let issue = issue(Level::Warning, "edited", message, help);
        issues.push((revision.stem(), Issue { file: Some(branch.file(revision.file())), ..issue }));
    }
    issues
}

fn is_squashed(stem: &str, revisions: &RevisionSet) -> bool {
    let Some((_, version)) = stem_of(&format!("{stem}.sql")) else { return false };
    let stands_for = |revision: &Revision| {
        revision.replaces.is_some_and(|first| (first..=revision.version).contains(&version))
    };
    revisions.iter().any(stands_for)
}

fn snapshots(inspection: &Inspection, folder: &Path, branch: &Branch) -> Result<Section, Failure> {
    let standing = standing(&inspection.revisions, Some(folder))?;
    let mut issues: Vec<Issue> = standing.iter().filter_map(snapshot_issue).collect();
    let fresh = standing.len() - issues.len();
    // The build refuses only what it needs.
    let refused = inspection.findings.iter().filter(|finding| finding.is_about_snapshot());
    issues.extend(
        refused
            .map(|finding| of_finding(finding, |file| branch.place(file)))
            .filter(|issue| issue.level == Level::Error),
    );
    Ok(section("snapshots", "snapshots", format!("{fresh} of {} fresh", standing.len()), issues))
}

fn collisions(branch: &Branch, revisions: &RevisionSet, policy: OutOfOrder) -> Section {
    let (name, title) = ("collisions", "collisions");
    let Some((git, since)) = &branch.git else {
        return skipped(name, title, "there is no other side to compare with");
    };
    let (theirs, all_of_theirs) = match came_meanwhile(git, since) {
        Ok(came) => came,
        Err(error) => {
            return section(
                name,
                title,
                "not compared".to_owned(),
                vec![issue(Level::Error, "git", format!("failed to {error}"), "")],
            );
        }
    };
    let newest =
        all_of_theirs.iter().filter(|(stem, _)| stem.starts_with('V')).max_by_key(|(_, version)| **version);
    let all = theirs.values().copied().chain(revisions.iter().map(|revision| revision.version));
    let mut next = all.max().unwrap_or_default();
    let mut issues = Vec::new();
    for revision in revisions.iter().filter(|revision| is_new(branch, revision)) {
        let stem = revision.stem();
        let problem = match theirs.iter().find(|(_, version)| **version == revision.version) {
            Some((other, _)) if *other == stem && git.is_same_at_tip(since, revision.file()) => continue,
            Some((other, _)) => {
                ("version-collision", format!("{stem} has the version of {other} in {}", since.name))
            }
            None => match newest {
                Some((other, version))
                    if *version > revision.version
                        && revision.kind == Kind::Versioned
                        && policy == OutOfOrder::Reject =>
                {
                    ("out-of-order", format!("{stem} comes before {other}, which {} has by now", since.name))
                }
                _ => continue,
            },
        };
        next = next.saturating_add(1);
        let help = to_rename(&stem, next, &branch.files);
        issues.push(Issue {
            file: Some(branch.file(revision.file())),
            ..issue(Level::Error, problem.0, problem.1, help)
        });
    }
    let summary = match theirs.len() {
        0 => format!("nothing came to {} meanwhile", since.name),
        number => format!("{} came to {} meanwhile", count(number, "revision"), since.name),
    };
    section(name, title, summary, issues)
}

/// The revisions that the other side has got since the branch went off.
/// Versions by stem.
type Stems = BTreeMap<String, i64>;

/// What came to the other side since the branch went off, and all that it has by now.
fn came_meanwhile(git: &Git, since: &Since) -> Result<(Stems, Stems), GitError> {
    let at_base = git.files_at_base(since)?;
    let at_base = stems(at_base.iter().map(String::as_str));
    let at_tip = git.files_at_tip(since)?;
    let at_tip = stems(at_tip.iter().map(String::as_str));
    let came = at_tip.clone().into_iter().filter(|(stem, _)| !at_base.contains_key(stem)).collect();
    Ok((came, at_tip))
}

/// Whatever keeps it from running is told with the rest, which was found without a database.
async fn stairway(
    session: &mut Session,
    branch: &Branch,
    of_folder: &RevisionSet,
    versions: &[i64],
) -> Section {
    let (name, title) = ("stairway", "up, down and up again");
    if versions.is_empty() {
        return skipped(name, title, "no revision is new");
    }
    // The functions of Rust revisions are in the binary that comes of this folder.
    let ours = session.application_revisions();
    let revisions = if ours.fingerprint() == of_folder.fingerprint() { ours } else { of_folder.clone() };
    let climbed = async {
        let migrator = session.migrator_of(revisions).await?;
        Ok::<_, Failure>(migrator.stairway(versions).await?)
    };
    match climbed.await {
        Ok(stairs) => section(
            name,
            title,
            summary(&stairs),
            stairs.iter().filter_map(|stair| stair_issue(branch, stair)).collect(),
        ),
        Err(failure) => {
            let issue = issue(Level::Error, "not-tried", format!("failed to {}", failure.message), "");
            section(name, title, "it could not be tried".to_owned(), vec![issue])
        }
    }
}

fn summary(stairs: &[Stair]) -> String {
    let number = |is: fn(&StairOutcome) -> bool| stairs.iter().filter(|stair| is(&stair.outcome)).count();
    let climbed = count(number(|outcome| *outcome == StairOutcome::Climbed), "revision");
    let passed_over = number(|outcome| matches!(outcome, StairOutcome::PassedOver(_)));
    let failed = number(|outcome| matches!(outcome, StairOutcome::Failed(_)));
    format!("{climbed} went up, down and up again, {passed_over} passed over, {failed} failed")
}

fn stair_issue(branch: &Branch, Stair { revision, file, outcome }: &Stair) -> Option<Issue> {
    let issue = match outcome {
        StairOutcome::Climbed => return None,
        StairOutcome::PassedOver(reason) => {
            issue(Level::Notice, "passed-over", format!("{revision}: {reason}"), "")
        }
        StairOutcome::Failed(reason) => {
            let help = "let the down take back what the up does, and nothing else; or say `-- hardtack: irreversible \"reason\"`";
            let help = if reason.starts_with("up: ") { "" } else { help };
            issue(Level::Error, "stairway", format!("{revision}: {reason}"), help)
        }
    };
    Some(Issue { file: Some(branch.file(file)), line: Some(1), ..issue })
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Self::usage(error)
    }
}
