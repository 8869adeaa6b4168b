use std::borrow::Cow;

use serde::Serialize;

/// A part of a report: one revision of a plan, or one thing that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Section {
    /// A name that stays, in kebab case, or a revision's stem: `drift`, `V7__split_names`.
    pub name: String,
    /// What it is about, for people.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The result in a sentence without a full stop.
    pub summary: String,
    /// What is to be said, the worst first.
    pub issues: Vec<Issue>,
}

/// What came of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// All is well.
    Passed,
    /// It is not.
    Failed,
    /// It was not looked at.
    Skipped {
        /// Why not.
        reason: String,
    },
}

/// One thing to be said, with its place in a file where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Issue {
    /// How bad it is.
    pub level: Level,
    /// What kind of issue: a hazard of the table, a code of the build, or a section's own.
    pub rule: Cow<'static, str>,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do; empty where there is nothing to do.
    pub help: String,
    /// The file, from the repository's root where that is known.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The reason with which somebody accepted it; then it fails nothing.
    pub accepted: Option<String>,
}

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// It may hurt.
    Warning,
    /// It stops whatever asked.
    Error,
}
