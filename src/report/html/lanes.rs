use std::collections::BTreeMap;
use std::time::Duration;

use super::super::locks::{self, Held};
use crate::engine::dry_run::{DryRun, DryStep};
use crate::safety::Bars;

/// One relation with every lock on it.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) relation: &'a str,
    /// The weakest first, so that a stronger one is drawn on top of it.
    pub(super) bars: Vec<Bar<'a>>,
}

/// A lock with the step that held it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar<'a> {
    pub(super) step: &'a DryStep,
    pub(super) lock: Held<'a>,
}

impl Bar<'_> {
    pub(super) fn held(&self) -> Duration {
        self.lock.until.saturating_sub(self.lock.from)
    }

    /// How much it bars, and for how long: by that they are compared.
    fn weight(&self) -> (bool, Duration, Bars) {
        let bars = self.lock.mode.bars();
        (bars != Bars::Nothing, self.held(), bars)
    }
}

impl Lane<'_> {
    /// The one that others notice most.
    pub(super) fn longest(&self) -> Option<&Bar<'_>> {
        self.bars.iter().max_by_key(|bar| bar.weight())
    }
}

/// A lane for each relation; that with the longest block first, those that nobody notices last.
pub(super) fn lanes(dry_run: &DryRun) -> Vec<Lane<'_>> {
    let mut relations: BTreeMap<&str, Vec<Bar<'_>>> = BTreeMap::new();
    for step in &dry_run.steps {
        for lock in locks::held(step) {
            relations.entry(lock.relation).or_default().push(Bar { step, lock });
        }
    }
    let mut lanes: Vec<Lane<'_>> = relations
        .into_iter()
        .map(|(relation, mut bars)| {
            bars.sort_by_key(|bar| (bar.lock.mode.bars(), bar.lock.from));
            Lane { relation, bars }
        })
        .collect();
    lanes.sort_by_cached_key(|lane| std::cmp::Reverse(lane.longest().map(Bar::weight)));
    lanes
}

/// The class of what a lock bars.
pub(super) const fn class(bars: Bars) -> &'static str {
    match bars {
        Bars::Nothing => "nothing",
        Bars::Writes => "writes",
        Bars::Everything => "everything",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_longest_block_is_on_top() {
        let dry_run = fixture::three();
        let lanes = lanes(&dry_run);
        let names: Vec<&str> = lanes.iter().map(|lane| lane.relation).collect();
        assert_eq!(names, ["public.orders", "public.accounts", "public.orders_pkey"]);
        assert_eq!(lanes[0].bars.len(), 3);
        assert_eq!(lanes[0].longest().map(Bar::held), Some(Duration::from_millis(2340)));
    }
}
