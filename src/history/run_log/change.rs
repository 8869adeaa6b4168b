use super::RunLog;
use crate::db::quote_literal;
use crate::revisions::Revision;

/// What was done to the history itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Recorded as applied without running.
    Mark,
    /// A history row was rewritten or removed.
    Repair,
}

/// The revision that a row of the run log is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) version: i64,
    pub(crate) name: &'a str,
    /// Empty where the set does not know the revision.
    pub(crate) sha256: &'a str,
}

impl<'a> From<&'a Revision> for Subject<'a> {
    fn from(revision: &'a Revision) -> Self {
        Self { version: revision.version, name: &revision.name, sha256: &revision.sha256 }
    }
}

impl Change {
    /// As the run log writes it.
    fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Repair => "repair",
        }
    }
}

impl RunLog {
    /// The statement that records a change of the history itself, and why it was made.
    pub(crate) fn note<'a>(&self, subject: impl Into<Subject<'a>>, change: Change, note: &str) -> String {
        let Subject { version, name, sha256 } = subject.into();
        format!(
            "insert into hardtack.step (run, version, name, direction, sha256, started_at, finished_at, note) \
             values ({}, {version}, {}, '{}', {}, pg_catalog.transaction_timestamp(), pg_catalog.clock_timestamp(), {})",
            self.id,
            quote_literal(name),
            change.name(),
            quote_literal(sha256),
            quote_literal(note),
        )
    }
}
