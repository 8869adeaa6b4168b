use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::dry_run::DryStep;
use crate::safety::{Bars, LockMode};

/// A lock that a step held on a relation, from when to when; times since the rehearsal began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held<'a> {
    pub(super) relation: &'a str,
    pub(super) mode: LockMode,
    pub(super) carried: bool,
    pub(super) from: Duration,
    pub(super) until: Duration,
}

/// For how long a step held a mode on a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Total<'a> {
    pub(super) relation: &'a str,
    pub(super) mode: LockMode,
    pub(super) carried: bool,
    pub(super) held: Duration,
}

impl Total<'_> {
    /// `ACCESS EXCLUSIVE on orders for 12 ms`.
    pub(super) fn words(&self) -> String {
        let carried = if self.carried { ", which an earlier step may have taken" } else { "" };
        format!("{} on {} for {}{carried}", self.mode, self.relation, super::human(self.held))
    }
}

/// The locks of a step: one a relation and mode for each time at a stretch, in the order in which they began.
pub(super) fn held(step: &DryStep) -> Vec<Held<'_>> {
    let mut all: Vec<Held<'_>> = step
        .statements
        .iter()
        .filter_map(|statement| statement.measured.as_ref())
        .flat_map(|measured| measured.locks.iter().map(|lock| (measured.started, lock)))
        .map(|(from, lock)| Held {
            relation: &lock.relation,
            mode: lock.mode,
            carried: lock.carried,
            from,
            until: from.saturating_add(lock.held),
        })
        .collect();
    all.sort_by_key(|lock| (lock.relation, lock.mode, lock.carried, lock.from));
    all.dedup_by(|next, one| {
        let same = (next.relation, next.mode, next.carried) == (one.relation, one.mode, one.carried);
        let goes_on = same && next.from <= one.until;
        if goes_on {
            one.until = one.until.max(next.until);
        }
        goes_on
    });
    all.sort_by_key(|lock| lock.from);
    all
}

/// What a step held on each relation, the strongest and then the longest first. A mode that a stronger one outlasts on the same
/// relation says nothing more and is left out.
pub(super) fn totals(step: &DryStep) -> Vec<Total<'_>> {
    let mut times: BTreeMap<(&str, LockMode), (Duration, bool)> = BTreeMap::new();
    for lock in held(step) {
        let (time, carried) = times.entry((lock.relation, lock.mode)).or_insert((Duration::ZERO, true));
        *time = time.saturating_add(lock.until.saturating_sub(lock.from));
        *carried &= lock.carried;
    }
    let mut totals: Vec<Total<'_>> = times
        .iter()
        .filter(|((relation, mode), (held, _))| {
            let stronger = times.range((*relation, *mode)..).skip(1);
            !stronger.take_while(|((of, _), _)| of == relation).any(|(_, (longer, _))| longer >= held)
        })
        .map(|(&(relation, mode), &(held, carried))| Total { relation, mode, carried, held })
        .collect();
    totals.sort_by_key(|total| std::cmp::Reverse((total.mode, total.held)));
    totals
}

/// Those of them that keep somebody from something.
pub(super) fn barring(step: &DryStep) -> Vec<Total<'_>> {
    let mut totals = totals(step);
    totals.retain(|total| total.mode.bars() != Bars::Nothing);
    totals
}

/// When a step began and when the last of its statements had run; none where nothing was measured.
pub(super) fn span(step: &DryStep) -> Option<(Duration, Duration)> {
    let measured = || step.statements.iter().filter_map(|statement| statement.measured.as_ref());
    let from = measured().map(|measured| measured.started).min()?;
    let until = measured().map(|measured| measured.started.saturating_add(measured.duration)).max()?;
    let whole = step.duration.map_or(until, |duration| from.saturating_add(duration));
    Some((from, until.max(whole)))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{lock, measured, sql, step};
    use super::*;

    fn of(locks: Vec<(u64, crate::engine::dry_run::HeldLock)>) -> DryStep {
        let mut step = step(8, "x");
        step.statements = locks
            .into_iter()
            .map(|(started, lock)| {
                let mut one = measured(started, 1);
                one.locks = vec![lock];
                sql(1, "select 1", Some(one))
            })
            .collect();
        step
    }

    #[test]
    fn times_that_overlap_count_once() {
        let step = of(vec![
            (0, lock("a", LockMode::Share, 10)),
            (5, lock("a", LockMode::Share, 10)),
            (20, lock("a", LockMode::Share, 5)),
        ]);
        assert_eq!(held(&step).len(), 2);
        assert_eq!(totals(&step)[0].words(), "SHARE on a for 20 ms");
    }

    #[test]
    fn what_a_stronger_lock_outlasts_is_left_out() {
        let step = of(vec![
            (0, lock("a", LockMode::AccessExclusive, 10)),
            (0, lock("a", LockMode::Share, 10)),
            (0, lock("a", LockMode::RowExclusive, 30)),
            (0, lock("b", LockMode::Share, 30)),
        ]);
        let words: Vec<String> = totals(&step).iter().map(Total::words).collect();
        let expected =
            ["ACCESS EXCLUSIVE on a for 10 ms", "SHARE on b for 30 ms", "ROW EXCLUSIVE on a for 30 ms"];
        assert_eq!(words, expected);
        assert_eq!(barring(&step).len(), 2);
    }

    #[test]
    fn a_step_lasts_until_its_end() {
        let mut step = of(vec![(5, lock("a", LockMode::Share, 10))]);
        let milliseconds = Duration::from_millis;
        step.duration = None;
        assert_eq!(span(&step), Some((milliseconds(5), milliseconds(6))));
        step.duration = Some(milliseconds(30));
        assert_eq!(span(&step), Some((milliseconds(5), milliseconds(35))));
        step.statements.clear();
        assert_eq!(span(&step), None);
    }
}
