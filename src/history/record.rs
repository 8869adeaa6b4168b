use std::hash::Hash;
use std::time::Duration;

use serde::Serialize;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

use super::{DeferredBackfill, Unfinished};
use crate::revisions::{Direction, Revision};

/// What one history table held when it was read.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Whether the table was there at all.
    pub exists: bool,
    /// The applied revisions in order of version.
    pub applied: Vec<Applied>,
    /// Steps without a transaction that were begun and have not ended.
    pub unfinished: Vec<Unfinished>,
    /// Backfills of applied revisions that have not finished.
    pub deferred: Vec<DeferredBackfill>,
}

/// One row of the history table, as refinery wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The version.
    pub version: i64,
    /// The name behind the version.
    pub name: String,
    /// When it was applied, RFC 3339 in UTC as refinery wrote it.
    pub applied_at: String,
    /// How long it took, in milliseconds; known where hardtack applied it.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Option<Duration>,
    /// Refinery's checksum, as text.
    pub checksum: String,
}

impl History {
    /// The applied revision of that version.
    #[must_use]
    pub fn get(&self, version: i64) -> Option<&Applied> {
        let index = self.applied.binary_search_by_key(&version, |applied| applied.version).ok()?;
        self.applied.get(index)
    }

    /// Whether the down of that version was begun and has not ended: the revision is neither applied nor undone.
    #[must_use]
    pub fn is_half_undone(&self, version: i64) -> bool {
        let is_it = |step: &Unfinished| step.version == version && step.direction == Direction::Down;
        self.unfinished.iter().any(is_it)
    }
}

impl Applied {
    /// Whether this row was written for that revision: the same name, and a checksum that refinery gives the
    /// revision's text, be it with 32-bit or 64-bit versions, from a checkout with LF or with CRLF.
    #[must_use]
    pub fn is(&self, revision: &Revision) -> bool {
        self.name == revision.name && is_checksum_of(&self.checksum, revision)
    }

    /// Whether this row is of a revision for which that one stands now, and which is gone.
    #[must_use]
    pub fn is_replaced_by(&self, revision: &Revision) -> bool {
        revision.replaces.is_some_and(|first| (first..=revision.version).contains(&self.version))
            && (self.version, self.name.as_str()) != (revision.version, &revision.name)
    }
}

/// Whether refinery gives the revision that checksum, in any of its builds.
pub(crate) fn is_checksum_of(checksum: &str, revision: &Revision) -> bool {
    checksum.parse().is_ok_and(|checksum: u64| {
        checksum == revision.checksum || other_checksums(revision).any(|other| other == checksum)
    })
}

/// The checksums that other builds of refinery give the same revision.
fn other_checksums(revision: &Revision) -> impl Iterator<Item = u64> {
    let int4 = i32::try_from(revision.version).ok();
    let crlf = revision.text().replace('\n', "\r\n");
    let name = revision.name.as_ref();
    [
        int4.map(|version| checksum(name, version, revision.text())),
        Some(checksum(name, revision.version, &crlf)),
        int4.map(|version| checksum(name, version, &crlf)),
    ]
    .into_iter()
    .flatten()
}

/// Refinery's checksum: `SipHash`-1-3 of name, version and text, as Rust's `Hash` feeds them.
fn checksum(name: &str, version: impl Hash, text: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    name.hash(&mut hasher);
    version.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

/// A duration, or none, as a number of milliseconds.
pub(crate) fn milliseconds<S: serde::Serializer>(
    duration: &(impl Copy + Into<Option<Duration>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match (*duration).into() {
        Some(duration) => serializer.serialize_some(&(duration.as_secs_f64() * 1000.0)),
        None => serializer.serialize_none(),
    }
}
