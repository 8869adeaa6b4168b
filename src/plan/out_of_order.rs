use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What to do about a versioned revision that was never applied, and is older than the newest applied one: a branch
/// that was merged late, or a hotfix. Whatever the policy, it is never skipped in silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutOfOrder {
    /// Nothing runs, and the conflict is told.
    #[default]
    Reject,
    /// It runs, before newer ones, and an event says so.
    Warn,
    /// It runs, before newer ones.
    Allow,
}

impl FromStr for OutOfOrder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "reject" => Ok(Self::Reject),
            "warn" => Ok(Self::Warn),
            "allow" => Ok(Self::Allow),
            _ => Err("write reject, warn or allow"),
        }
    }
}

impl fmt::Display for OutOfOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Reject => "reject",
            Self::Warn => "warn",
            Self::Allow => "allow",
        })
    }
}
