use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::baked::{Baked, Digest};
use super::{Kind, Revision};
use crate::words::hex;

/// All revisions of one history, in order of version.
///
/// Nothing of a baked set is touched before it is looked at: a boot with nothing to do needs the digest alone.
#[derive(Clone, Debug)]
pub struct RevisionSet {
    digest: Digest,
    /// Where the revisions are until they are looked at; nowhere for a set made at run time.
    baked: Option<&'static Baked>,
    revisions: OnceLock<Arc<[Revision]>>,
    /// Of a set made at run time.
    snapshot: Option<Arc<str>>,
}

impl RevisionSet {
    /// Wraps what the build script rendered, which has sorted and checked it.
    #[must_use]
    pub const fn from_baked(baked: &'static Baked) -> Self {
        Self { digest: baked.digest, baked: Some(baked), revisions: OnceLock::new(), snapshot: None }
    }

    /// A set made at run time. To resolve a folder use [`resolve`](super::resolve), which checks it.
    #[must_use]
    pub fn from_revisions(mut revisions: Vec<Revision>) -> Self {
        revisions.sort_by_key(|revision| revision.version);
        let digest = Digest {
            count: revisions.len(),
            newest: revisions.last().map(|revision| revision.version),
            checksums: revisions.iter().map(|revision| u128::from(revision.checksum)).sum(),
        };
        Self { digest, baked: None, revisions: OnceLock::from(Arc::from(revisions)), snapshot: None }
    }

    /// The same with the text of a snapshot of what it makes of an empty database.
    #[must_use]
    pub fn with_snapshot(self, snapshot: Option<&str>) -> Self {
        Self { snapshot: snapshot.map(Arc::from), ..self }
    }

    /// The text of the snapshot that was taken of the set's end, `snapshots/head.json`: parse it with
    /// `hardtack::catalog::Snapshot::parse`, with the feature `operations`, and see by its history whether it is stale.
    #[must_use]
    pub fn snapshot(&self) -> Option<&str> {
        self.snapshot.as_deref().or_else(|| self.baked?.snapshot)
    }

    /// What stands for this history in a snapshot: the SHA-256, in lowercase hexadecimal, of a line for each revision in
    /// order of version, with its stem and its hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self.iter())
    }

    /// The same of the revisions that have run when the Rust function of a revision begins.
    #[must_use]
    pub fn fingerprint_before(&self, revision: &Revision) -> String {
        fingerprint(self.iter().take_while(|other| other.runs_before_rust_of(revision)))
    }

    /// The revisions in order of version.
    #[must_use]
    pub fn as_slice(&self) -> &[Revision] {
        self.revisions.get_or_init(|| self.baked.map(Baked::decode).unwrap_or_default().into())
    }

    /// The revisions in order of version.
    pub fn iter(&self) -> std::slice::Iter<'_, Revision> {
        self.as_slice().iter()
    }

    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.digest.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digest.count == 0
    }

    /// What a database at the set's end has as well.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The revision of that version.
    #[must_use]
    pub fn get(&self, version: i64) -> Option<&Revision> {
        let revisions = self.as_slice();
        let index = revisions.binary_search_by_key(&version, |revision| revision.version).ok()?;
        revisions.get(index)
    }

    /// The newest versioned revision's version; what a database has that is up to date.
    #[must_use]
    pub fn head(&self) -> Option<i64> {
        self.newest_versioned().or(self.digest.newest)
    }

    /// The same; none where all are unversioned. Looks at numbers alone where the set is baked.
    pub(crate) fn newest_versioned(&self) -> Option<i64> {
        let Some(baked) = self.baked else {
            let newest = self.iter().rev().find(|revision| revision.kind == Kind::Versioned);
            return newest.map(|revision| revision.version);
        };
        let newest = baked.revisions.iter().rev().find(|revision| revision.kind == Kind::Versioned);
        newest.map(|revision| revision.version)
    }
}

impl<'a> IntoIterator for &'a RevisionSet {
    type Item = &'a Revision;
    type IntoIter = std::slice::Iter<'a, Revision>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn fingerprint<'a>(revisions: impl Iterator<Item = &'a Revision>) -> String {
    let mut hash = Sha256::new();
    for revision in revisions {
        hash.update(format!("{} {}\n", revision.stem(), revision.sha256));
    }
    hex(&hash.finalize())
}
