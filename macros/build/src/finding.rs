use std::borrow::Cow;
use std::fmt;

use crate::rules::{Class, class_of};

/// Something wrong with a migrations folder, with the place and what to do about it.
///
/// Displayed as a compiler would: `migrations/V3__x.sql:4:1: message [code]`, then a line of help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the build.
    pub level: Level,
    /// What kind of finding it is, in kebab case: one of the resolver's own codes, or the name of a lint rule.
    pub code: Cow<'static, str>,
    /// The file or folder, as the caller named the folder, with forward slashes.
    pub file: String,
    /// The line, from 1; zero where the finding is about a folder.
    pub line: usize,
    /// The column in characters, from 1; zero where the finding is about a folder.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The code of findings about snapshots.
pub(crate) const SNAPSHOT: &str = "snapshot";

/// Whether a finding stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The history cannot be trusted, or the policy denies it.
    Error,
    /// Reported, and built all the same.
    Warn,
}

impl Finding {
    /// A finding about a whole file.
    pub(crate) fn in_file(
        level: Level,
        code: &'static str,
        file: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            level,
            code: Cow::Borrowed(code),
            file: file.into(),
            line: 1,
            column: 1,
            message: message.into(),
            help: help.into(),
        }
    }

    /// Whether it is about a snapshot: only compiling a Rust revision needs one.
    #[must_use]
    pub fn is_about_snapshot(&self) -> bool {
        self.code == SNAPSHOT
    }

    /// Whether it is of a lint rule, which `allow` accepts.
    #[must_use]
    pub fn is_hazard(&self) -> bool {
        class_of(&self.code).is_some_and(Class::is_acceptable)
    }

    pub(crate) fn at(mut self, line: usize, column: usize) -> Self {
        (self.line, self.column) = (line, column);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        write!(formatter, ": {} [{}]\n  help: {}", self.message, self.code, self.help)
    }
}
