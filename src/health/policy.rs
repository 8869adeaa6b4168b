use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use crate::engine::MigrationStatus;

/// What an application does at startup about a schema that is not the one of its revisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BootPolicy {
    /// About revisions that are not applied.
    pub on_pending: OnPending,
    /// About applied revisions that are newer than the application.
    pub on_ahead: OnAhead,
    /// The longest wait for a database that is not up yet, and for another process that migrates; none for the migrator's own
    /// [`lock_wait`](crate::Migrator::with_lock_wait).
    pub wait_timeout: Option<Duration>,
}

/// What to do about revisions that are not applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnPending {
    /// Apply them. Of several processes one does, and the others wait.
    #[default]
    Apply,
    /// Wait until somebody else has applied them: a job of the deployment, or another replica.
    Wait,
    /// Do not start.
    Fail,
    /// Start all the same, and say so.
    Warn,
    /// Start all the same.
    Ignore,
}

/// What to do about applied revisions that are newer than the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnAhead {
    /// Start where each of them says that this application works behind it; otherwise do not.
    #[default]
    Compatible,
    /// Do not start.
    Fail,
    /// Start all the same.
    Ignore,
}

impl BootPolicy {
    /// Whether the application may serve on that schema.
    #[must_use]
    pub fn allows(&self, status: &MigrationStatus) -> bool {
        let starts_anyhow = matches!(self.on_pending, OnPending::Warn | OnPending::Ignore);
        status.conflicts.is_empty()
            && (starts_anyhow || status.pending.is_empty())
            && self.on_ahead.allows(status)
    }
}

impl OnAhead {
    /// Whether the application may serve in spite of what is newer than it.
    pub(super) fn allows(self, status: &MigrationStatus) -> bool {
        match self {
            Self::Compatible => status.is_compatible(),
            Self::Fail => status.ahead.is_empty(),
            Self::Ignore => true,
        }
    }
}

impl FromStr for OnPending {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Apply, Self::Wait, Self::Fail, Self::Warn, Self::Ignore];
        let found = all.into_iter().find(|policy| policy.to_string() == text);
        found.ok_or("write apply, wait, fail, warn or ignore")
    }
}

impl fmt::Display for OnPending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Apply => "apply",
            Self::Wait => "wait",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Ignore => "ignore",
        })
    }
}

impl FromStr for OnAhead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Compatible, Self::Fail, Self::Ignore];
        let found = all.into_iter().find(|policy| policy.to_string() == text);
        found.ok_or("write compatible, fail or ignore")
    }
}

impl fmt::Display for OnAhead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Compatible => "compatible",
            Self::Fail => "fail",
            Self::Ignore => "ignore",
        })
    }
}
