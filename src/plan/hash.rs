use sha2::{Digest, Sha256};

use super::{OutOfOrder, Plan, Target};
use crate::history::History;
use crate::revisions::{Direction, Revision, RevisionSet, Step};
use crate::words::hex;

/// How many beginnings are thought of: more revisions at once is no half-done run.
const BEGINNINGS: usize = 100;

impl Plan<'_> {
    /// What stands for this plan where somebody rehearsed it, or took a backup for it: the SHA-256, in lowercase hexadecimal,
    /// of a line with the direction, one with the version that it begins at, and a line for each step with its stem and its
    /// hash; of a down that is the hash of its own text.
    ///
    /// Two plans of one hash do the same to the same history. An edited revision, another target or a database that is further
    /// on make another hash.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let from = self.from.map_or("none".to_owned(), |version| version.to_string());
        hash.update(format!("{}\nfrom {from}\n", self.direction.name()));
        for revision in &self.steps {
            hash.update(format!("{} {}\n", revision.stem(), text_hash(revision, self.direction)));
        }
        hex(&hash.finalize())
    }
}

/// The hashes of the plans that end as this one does and began earlier: where a run stopped half-way, what is left is part of
/// the plan that was rehearsed, and what was backed up before it is still the way back.
pub(crate) fn hashes_of_longer(
    revisions: &RevisionSet,
    history: &History,
    target: Target,
    policy: OutOfOrder,
) -> Vec<String> {
    let newest = history.applied.len();
    let earlier = (newest.saturating_sub(BEGINNINGS)..newest).rev();
    let hash = |number: usize| {
        let applied = history.applied.iter().take(number).cloned().collect();
        let history = History { applied, ..history.clone() };
        Some(Plan::upgrade(revisions, &history, target, policy).ok()?.hash())
    };
    earlier.filter_map(hash).collect()
}

fn text_hash(revision: &Revision, direction: Direction) -> String {
    match (direction, revision.step(direction)) {
        (Direction::Down, Some(Step::Sql(script))) => hex(&Sha256::digest(&*script.text)),
        // It holds the hash of the file's tokens.
        (Direction::Down, Some(Step::Rust(step))) => hex(&Sha256::digest(&*step.marker)),
        _ => revision.sha256.clone().into_owned(),
    }
}
