use serde::Serialize;

use super::{Issue, Level, Outcome, Section, words};
use crate::engine::dry_run::{DryRun, DryStep, Rehearsed};
use crate::safety::Verdict;

/// What the rules of rehearsals begin with.
const REHEARSAL: &str = "rehearsal-";

/// A result with everything that its forms show.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What it is of, without a full stop: `dry run of an upgrade of shop from 7 to 9`.
    pub title: String,
    /// The database's name.
    pub database: String,
    /// What made it.
    pub tool: Tool,
    /// Its parts; of a dry run, a step's each come first. More may be pushed behind them: `gates` for one.
    pub sections: Vec<Section>,
    /// The details of what would happen, where it is about that.
    pub dry_run: Option<&'a DryRun>,
    /// What the file names of the dry run begin with: empty, or a folder with a slash behind it.
    pub(super) folder: String,
}

/// What made a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Default for Tool {
    fn default() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

impl<'a> Report<'a> {
    /// A report of sections alone, as of what was verified.
    #[must_use]
    pub fn of_sections(title: &str, database: &str, sections: Vec<Section>) -> Self {
        let (title, database) = (title.to_owned(), database.to_owned());
        Self { title, database, tool: Tool::default(), sections, dry_run: None, folder: String::new() }
    }

    /// Whether one of its parts failed. Issues by themselves fail nothing: what they come to is for gates to say.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.sections.iter().any(|section| section.outcome == Outcome::Failed)
    }

    /// The verdict of a dry run; none for other reports.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.dry_run.map(|dry_run| dry_run.verdict)
    }

    /// All issues with their sections, the worst first; a section that failed without saying why is one as well.
    pub(super) fn worst_first(&self) -> Vec<(&Section, Issue)> {
        let mut all: Vec<(&Section, Issue)> = self
            .sections
            .iter()
            .flat_map(|section| {
                let silent = section.outcome == Outcome::Failed && section.issues.is_empty();
                let own = silent.then(|| section.as_issue());
                section.issues.iter().cloned().chain(own).map(move |issue| (section, issue))
            })
            .collect();
        all.sort_by_key(|(_, issue)| std::cmp::Reverse(issue.level));
        all
    }

    /// The steps of the dry run, each with its section.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&'a DryStep, Option<&Section>)> {
        let steps = self.dry_run.map_or(&[][..], |dry_run| &dry_run.steps);
        // They were made of the steps, in their order.
        steps.iter().zip(self.sections.iter().map(Some).chain(std::iter::repeat(None)))
    }

    /// The sections that are about no step.
    pub(super) fn others(&self) -> &[Section] {
        let steps = self.dry_run.map_or(0, |dry_run| dry_run.steps.len());
        self.sections.get(steps..).unwrap_or_default()
    }

    /// Whether anything was rehearsed.
    pub(super) fn is_rehearsed(&self) -> bool {
        self.dry_run.is_some_and(|dry_run| dry_run.rehearsal.is_some())
    }

    /// What came of a step, where it did not simply run. That nothing ran at all is said once, of the whole.
    pub(super) fn trouble(&self, step: &DryStep) -> Option<String> {
        let is_said = !self.is_rehearsed() && matches!(step.rehearsed, Rehearsed::No { .. });
        if is_said { None } else { words::trouble(&step.rehearsed) }
    }

    /// A file of the dry run as the repository has it.
    pub(super) fn path(&self, file: &str) -> String {
        format!("{}{file}", self.folder)
    }
}

/// How much a section wants to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Passed,
    /// It passed, with something to be minded.
    ToMind,
    Failed,
    Skipped,
}

impl Standing {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::ToMind => "to mind",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl Section {
    pub(super) fn standing(&self) -> Standing {
        match self.outcome {
            Outcome::Failed => Standing::Failed,
            Outcome::Skipped { .. } => Standing::Skipped,
            Outcome::Passed if self.issues.iter().any(|issue| issue.level > Level::Notice) => {
                Standing::ToMind
            }
            Outcome::Passed => Standing::Passed,
        }
    }

    /// Its issues without what came of its rehearsal, where that is said apart.
    pub(super) fn hazards(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| !issue.rule.starts_with(REHEARSAL))
    }

    fn as_issue(&self) -> Issue {
        Issue {
            level: Level::Error,
            rule: self.name.clone().into(),
            message: self.summary.clone(),
            help: String::new(),
            file: None,
            line: None,
            accepted: None,
        }
    }
}

impl Outcome {
    /// In one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped { .. } => "skipped",
        }
    }
}
