use std::borrow::Cow;

use super::Revision;

/// All revisions of one history, in order of version.
///
/// Baked sets are `static` slices: looking at one costs nothing at start-up.
#[derive(Clone, Debug)]
pub struct RevisionSet {
    revisions: Cow<'static, [Revision]>,
}

impl RevisionSet {
    /// Wraps what the build script rendered. The build has sorted and checked the slice; to build a set at
    /// run time use [`resolve`](super::resolve).
    #[must_use]
    pub const fn from_baked(revisions: &'static [Revision]) -> Self {
        Self { revisions: Cow::Borrowed(revisions) }
    }

    #[cfg(feature = "resolve")]
    pub(super) fn from_resolved(mut revisions: Vec<Revision>) -> Self {
        revisions.sort_by_key(|revision| revision.version);
        Self { revisions: Cow::Owned(revisions) }
    }

    /// The revisions in order of version.
    pub fn iter(&self) -> std::slice::Iter<'_, Revision> {
        self.revisions.iter()
    }

    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The revision of that version.
    #[must_use]
    pub fn get(&self, version: i64) -> Option<&Revision> {
        let index = self.revisions.binary_search_by_key(&version, |revision| revision.version).ok()?;
        self.revisions.get(index)
    }

    /// The newest versioned revision's version; what a database has that is up to date.
    #[must_use]
    pub fn head(&self) -> Option<i64> {
        let versioned = self.iter().rev().find(|revision| revision.kind == super::Kind::Versioned);
        versioned.or_else(|| self.revisions.last()).map(|revision| revision.version)
    }
}

impl<'a> IntoIterator for &'a RevisionSet {
    type Item = &'a Revision;
    type IntoIter = std::slice::Iter<'a, Revision>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
