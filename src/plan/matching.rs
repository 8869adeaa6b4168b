use std::collections::HashMap;

use super::mapping::{found, nothing};
use super::{MappingProblem, MatchedBy, Meaning, Overrides};
use crate::history::foreign::{ForeignRow, ForeignState, split};
use crate::history::is_checksum_of;
use crate::revisions::{Revision, RevisionSet};

/// The revisions by version and by name.
pub(super) struct Index<'a> {
    revisions: &'a RevisionSet,
    names: HashMap<String, Vec<&'a Revision>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(revisions: &'a RevisionSet) -> Self {
        let mut names: HashMap<String, Vec<&Revision>> = HashMap::new();
        for revision in revisions {
            names.entry(bare(&revision.name)).or_default().push(revision);
        }
        Self { revisions, names }
    }

    pub(super) fn meaning(&self, row: &ForeignRow, overrides: &Overrides) -> Meaning {
        let and_before = matches!(row.state, ForeignState::Head | ForeignState::Baseline);
        match row.state {
            ForeignState::Void(reason) => return nothing(reason),
            ForeignState::Broken(advice) => return MappingProblem::Broken { advice }.into(),
            _ => {}
        }
        if let Some(target) = overrides.get(&row.id) {
            let revision = target.and_then(|version| self.revisions.get(version));
            return revision.map_or_else(
                || nothing("no revision stands for it, as --map says"),
                |revision| found(revision, and_before, MatchedBy::Map),
            );
        }
        let matched = match (row.state, row.version) {
            (ForeignState::Baseline, Some(version)) => return self.baseline(version),
            _ => self.matched(row),
        };
        match (matched, row.state) {
            (Ok((revision, by)), _) => found(revision, and_before, by),
            (Err(MappingProblem::Unknown), ForeignState::Optional(what)) => {
                nothing(&format!("{what}, and no revision here has its name"))
            }
            (Err(problem), _) => problem.into(),
        }
    }

    /// The newest revision that a baseline covers. There need not be one of its very version.
    fn baseline(&self, version: i64) -> Meaning {
        if let Some(squash) = self.squash_around(version) {
            return MappingProblem::InsideSquash { stem: squash.stem() }.into();
        }
        let covered = self.revisions.iter().rev().find(|revision| revision.version <= version);
        covered.map_or_else(
            || nothing("a baseline before every revision here"),
            |revision| found(revision, true, MatchedBy::Version),
        )
    }

    fn matched(&self, row: &ForeignRow) -> Result<(&'a Revision, MatchedBy), MappingProblem> {
        let of_version = row.version.and_then(|version| self.revisions.get(version));
        let of_name = row.name.as_deref().map_or(&[][..], |name| self.named(name));
        let stem = Revision::stem;
        if let Some(squash) = row.version.and_then(|version| self.squash_around(version)) {
            return Err(MappingProblem::InsideSquash { stem: squash.stem() });
        }
        match (of_version, of_name) {
            // It took the version of the last one for which it stands.
            (Some(squash), _) if squash.replaces.is_some() => Ok((squash, MatchedBy::Version)),
            (Some(revision), of_name) if row.name.is_none() || contains(of_name, revision) => {
                let edited =
                    row.checksum.as_deref().is_some_and(|checksum| !is_checksum_of(checksum, revision));
                if edited {
                    return Err(MappingProblem::Edited { stem: revision.stem() });
                }
                Ok((revision, MatchedBy::Version))
            }
            (Some(revision), []) => Err(MappingProblem::NamedOtherwise { stem: revision.stem() }),
            (None, [revision]) => Ok((revision, MatchedBy::Name)),
            (of_version, [_, ..]) => {
                let revisions = of_version.into_iter().chain(of_name.iter().copied());
                Err(MappingProblem::Ambiguous { stems: revisions.map(stem).collect() })
            }
            (None, []) => self.marked(&row.id),
        }
    }

    /// The revision that stands for a range in which the version lies, and does not end it.
    fn squash_around(&self, version: i64) -> Option<&'a Revision> {
        self.revisions
            .iter()
            .find(|one| one.replaces.is_some_and(|first| (first..one.version).contains(&version)))
    }

    fn named(&self, name: &str) -> &[&'a Revision] {
        self.names.get(&bare(name)).map_or(&[], Vec::as_slice)
    }

    /// A revision whose name begins or ends with the id, as Alembic's are written down: `display_name_586e05edd180`.
    /// An id of digits alone would be found by chance.
    fn marked(&self, id: &str) -> Result<(&'a Revision, MatchedBy), MappingProblem> {
        if id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MappingProblem::Unknown);
        }
        let has = |revision: &&Revision| {
            let mut words = revision.name.split('_');
            let (first, last) = (words.next(), words.next_back());
            [first, last].into_iter().flatten().any(|word| word.eq_ignore_ascii_case(id))
        };
        let marked: Vec<&Revision> = self.revisions.iter().filter(has).collect();
        match marked.as_slice() {
            [] => Err(MappingProblem::Unknown),
            [revision] => Ok((revision, MatchedBy::Name)),
            several => {
                Err(MappingProblem::Ambiguous { stems: several.iter().map(|one| one.stem()).collect() })
            }
        }
    }
}

/// A name without case, separators, and the number before it.
fn bare(name: &str) -> String {
    let (_, rest) = split(name);
    let letters = rest.as_deref().unwrap_or(name).chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn contains(revisions: &[&Revision], revision: &Revision) -> bool {
    revisions.iter().any(|one| one.version == revision.version)
}
