use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What a step does to an application that is at work meanwhile. In order: a later one is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// Nobody notices.
    #[default]
    Safe,
    /// Others wait, for no longer than a statement of theirs may take anyhow.
    BriefLock,
    /// Nobody can tell: code that was not run.
    Unknown,
    /// Others read the table and do not write to it, for as long as the step works.
    BlocksWrites,
    /// Others neither read nor write the table, for as long as the step works.
    BlocksEverything,
    /// Rows, or values of them, are gone for good.
    LosesData,
    /// The version of the application that runs now may fail on what the step leaves.
    BreaksRunningVersion,
}

impl Verdict {
    /// All of them, the mildest first.
    pub const ALL: [Self; 7] = [
        Self::Safe,
        Self::BriefLock,
        Self::Unknown,
        Self::BlocksWrites,
        Self::BlocksEverything,
        Self::LosesData,
        Self::BreaksRunningVersion,
    ];

    /// Its name, as configuration and JSON have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::BriefLock => "brief-lock",
            Self::Unknown => "unknown",
            Self::BlocksWrites => "blocks-writes",
            Self::BlocksEverything => "blocks-everything",
            Self::LosesData => "loses-data",
            Self::BreaksRunningVersion => "breaks-running-version",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::BriefLock => "brief lock",
            Self::Unknown => "unknown",
            Self::BlocksWrites => "blocks writes",
            Self::BlocksEverything => "blocks everything",
            Self::LosesData => "loses data",
            Self::BreaksRunningVersion => "breaks the running version",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

impl FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|verdict| verdict.name() == text);
        found.ok_or_else(|| format!("write one of {}", names.join(", ")))
    }
}
