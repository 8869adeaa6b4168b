use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Manifest;

/// A backup that is where backups are.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Listed {
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// What was last said of it; none where nobody has looked.
    pub verified: Option<Verified>,
}

/// That a backup was verified, and how thoroughly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Verified {
    /// How thoroughly.
    pub depth: Depth,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "admin", schema(value_type = String, format = DateTime))]
    pub at: OffsetDateTime,
    /// The version of the server that it was restored on, as `server_version_num` has it; none where it was only read.
    pub server_version: Option<u32>,
}

/// How thoroughly a backup is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Every file is there and has its hash; what is in them nobody could read, for want of a key.
    Files,
    /// Every file is there and has its hash, can be unpacked, and holds the rows that it should; the archive's table of contents
    /// names every table.
    Quick,
    /// The same; and it was restored, and the catalog's fingerprint and the rows of each table are those that were taken.
    Full,
}

impl Depth {
    /// As lists have it; `quick` and `full` can be asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

impl std::str::FromStr for Depth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = [Self::Quick, Self::Full].into_iter().find(|depth| depth.name() == text);
        found.ok_or_else(|| "write quick or full".to_owned())
    }
}
