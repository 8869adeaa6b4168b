//! Revisions that stand for a range of older ones, which are gone: `-- hardtack: replaces V1..V40`.

use crate::finding::{Finding, Level};
use crate::revision::{Kind, Revision};
use crate::stem::Stem;

/// What a `replaces` says, before it is held against its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Range {
    /// Reads `V1..V40`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let version = |text: &str| text.trim().strip_prefix('V')?.parse().ok();
        let (first, last) = text.split_once("..")?;
        Some(Self { first: version(first)?, last: version(last)? })
    }

    /// What is wrong with the range on a revision of that stem, with what to do.
    pub(crate) fn problem(self, stem: &Stem) -> Option<(String, String)> {
        let Self { first, last } = self;
        let version = stem.version;
        if stem.kind == Kind::Unversioned {
            let help = "make it a `V`: what it replaces has a place in the order";
            return Some(("`replaces` on an unversioned revision".to_owned(), help.to_owned()));
        }
        if last != version {
            let message = format!("the range ends at V{last}, and this revision is V{version}");
            let help =
                format!("write `replaces V{first}..V{version}`, or give the file the range's last version");
            return Some((message, help));
        }
        let help =
            format!("name the first version that this revision replaces, as in `replaces V1..V{version}`");
        (first > last).then(|| (format!("the range V{first}..V{last} is empty"), help))
    }
}

impl Revision {
    /// Whether this revision stands for that version of another one.
    pub(crate) fn is_instead_of(&self, stem: &Stem) -> bool {
        let is_in_range = self.replaces.is_some_and(|first| (first..=self.version).contains(&stem.version));
        is_in_range && (stem.version, stem.name.as_str()) != (self.version, self.name.as_str())
    }
}

/// The revisions that are there although another one replaces them.
pub(crate) fn remaining(revisions: &[Revision], shown: &str) -> Vec<Finding> {
    let squashes: Vec<_> = revisions.iter().filter(|revision| revision.replaces.is_some()).collect();
    let finding = |revision: &Revision| {
        let stem = Stem { version: revision.version, kind: revision.kind, name: revision.name.clone() };
        let squash = squashes.iter().find(|squash| squash.is_instead_of(&stem))?;
        let message = format!("{} replaces this revision, and its files are still there", squash.stem());
        let help = "remove them, or shorten the range";
        let file = format!("{shown}/{}", revision.up.file());
        Some(Finding::in_file(Level::Error, "replaced", file, message, help))
    };
    revisions.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_held_against_their_revision() {
        assert_eq!(Range::parse("V1..V40"), Some(Range { first: 1, last: 40 }));
        for malformed in ["", "V1", "1..40", "V1-V40", "V1..", "V1..Vx", "V1..V40 \"why\""] {
            assert_eq!(Range::parse(malformed), None, "{malformed}");
        }
        let of = |text: &str, file: &str| {
            let problem = Range::parse(text).unwrap().problem(&Stem::parse(file).unwrap().0);
            problem.map(|(message, _)| message)
        };
        assert_eq!(of("V1..V40", "V40__all.sql"), None);
        assert!(of("V1..V39", "V40__all.sql").unwrap().contains("ends at V39"));
        assert!(of("V41..V40", "V40__all.sql").unwrap().contains("is empty"));
        assert!(of("V1..V40", "U40__all.sql").unwrap().contains("unversioned"));
    }
}
