//! What runs around the up of a revision: hooks beside an SQL text, checks of either kind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::assemble::{Assembler, RustPart};
use crate::finding::{Finding, Level};
use crate::header::HeaderCheck;
use crate::revision::{Revision, Step};
use crate::source::position;
use crate::stem::Stem;

/// What runs around the up of a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The Rust file beside an SQL up that holds hooks, checks or a backfill; none where there is no such file.
    pub companion: Option<Companion>,
    /// Runs before the SQL.
    pub before: Option<Hook>,
    /// Runs after it.
    pub after: Option<Hook>,
    /// Whether the companion holds a backfill, which runs once the revision is recorded.
    pub backfill: bool,
    /// The versions of which the backfills must have finished first.
    pub requires: Vec<i64>,
    /// The version that code must know at the least to work behind the up, where the author says so.
    pub breaks_before: Option<i64>,
    /// What is asked around all of it, in the order in which it stands in the files, SQL first.
    pub checks: Vec<Check>,
}

/// A Rust file beside an SQL up, with hooks, checks or a backfill in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// The file below the migrations folder, with forward slashes.
    pub file: String,
    /// The absolute path, for the compiler.
    pub path: PathBuf,
    /// The SQL that stands for both files in refinery's history; it raises an exception.
    pub marker: String,
}

/// A function that runs around an SQL up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Whether it changes the schema, and not data alone.
    pub alters_schema: bool,
}

/// Something that must hold around an up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, unique in its revision; of a function the function's.
    pub name: String,
    /// When it is asked.
    pub moment: Moment,
    /// The file that says it, below the migrations folder, with forward slashes.
    pub file: String,
    /// The query; none of a function.
    pub query: Option<String>,
}

/// When a check is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It must hold before the up.
    Before,
    /// It must hold after the up.
    After,
    /// Its value must be the same before and after.
    Unchanged,
}

/// What a header, or an up's attribute, says about what runs around the up.
#[derive(Debug, Default)]
pub(crate) struct AroundHeader {
    pub(crate) checks: Vec<HeaderCheck>,
    pub(crate) requires: Vec<i64>,
    pub(crate) breaks_before: Option<i64>,
}

/// A check with its place.
struct Placed {
    check: Check,
    /// From 1.
    line: usize,
    /// From 1.
    column: usize,
}

impl Moment {
    /// A moment as `#[hardtack::check(..)]` names it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "before" => Self::Before,
            "after" => Self::After,
            "unchanged" => Self::Unchanged,
            _ => return None,
        })
    }
}

impl Revision {
    /// The text that refinery runs and hashes: the SQL, or what stands for Rust.
    pub(crate) fn text(&self) -> &str {
        match (&self.around.companion, &self.up) {
            (Some(companion), _) => &companion.marker,
            (None, Step::Sql(script)) => &script.text,
            (None, Step::Rust(file)) => &file.marker,
        }
    }
}

impl Assembler<'_> {
    /// What stands around the up of `file`, whose header says `checks`; says what is wrong with it.
    pub(crate) fn around(
        &mut self,
        stem: &Stem,
        step: &Step,
        sha256: &str,
        header: AroundHeader,
        rust: Option<&RustPart<'_>>,
    ) -> Around {
        let AroundHeader { checks, requires, breaks_before } = header;
        let mut placed = Vec::new();
        if let Step::Sql(script) = step {
            placed.extend(checks.into_iter().map(|check| of_header(check, &script.file, &script.text)));
        }
        let mut around = Around { requires, breaks_before, ..Around::default() };
        if let Some(rust) = rust {
            placed.extend(rust.steps.checks.iter().map(|function| Placed {
                check: Check {
                    name: function.name.clone(),
                    moment: function.moment,
                    file: rust.found.file.clone(),
                    query: None,
                },
                line: function.line,
                column: function.column,
            }));
            (around.before, around.after) = (rust.steps.before, rust.steps.after);
            around.backfill = rust.steps.has_backfill;
            let is_companion = matches!(step, Step::Sql(_)) && rust.steps.has_around();
            around.companion = is_companion.then(|| rust.companion(stem, sha256));
        }
        let mut names = BTreeSet::new();
        for Placed { check, line, column } in placed {
            if !names.insert(check.name.clone()) {
                let message = format!("a second check of the name `{}` in this revision", check.name);
                let finding = Finding::in_file(
                    Level::Error,
                    "check",
                    self.show(&check.file),
                    message,
                    "give it another",
                );
                self.findings.push(finding.at(line, column));
                continue;
            }
            around.checks.push(check);
        }
        around
    }
}

fn of_header(check: HeaderCheck, file: &str, text: &str) -> Placed {
    let (line, column) = position(text, check.offset);
    let HeaderCheck { name, moment, query, .. } = check;
    Placed { check: Check { name, moment, file: file.to_owned(), query: Some(query) }, line, column }
}
