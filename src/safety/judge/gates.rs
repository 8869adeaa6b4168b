use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use super::Window;
use super::age::age;
use super::window::minute;
use crate::safety::Verdict;
use crate::words::seconds;

/// What must be true before a run may change a database. Nothing is asked where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// The verdicts that somebody must accept: a milder or a worse one that is not listed needs no acceptance.
    pub accept: Vec<Verdict>,
    /// How old the newest rehearsal of the plan may be.
    pub rehearsal_within: Option<Duration>,
    /// How old the newest backup for the plan may be.
    pub backup_within: Option<Duration>,
    /// Whether a schema that is not what its revisions make of it stops a run.
    pub stop_on_drift: bool,
    /// When a run may begin: in one of these; without any, always.
    pub windows: Vec<Window>,
}

/// What the gates look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the steps do that nobody has accepted in their files.
    pub dangers: Vec<Danger>,
    /// The verdicts that the operator accepts.
    pub accepted: Vec<Verdict>,
    /// How long ago the plan was last rehearsed.
    pub rehearsal: Option<Duration>,
    /// How long ago a backup was last taken for it.
    pub backup: Option<Duration>,
    /// How many objects differ from what the revisions make; otherwise why nobody can tell. None where no gate asks.
    pub drift: Option<Result<usize, String>>,
    /// Now.
    pub now: OffsetDateTime,
}

/// A reason for a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Danger {
    /// The stem of the revision; empty for the plan as a whole.
    pub step: String,
    /// What it does.
    pub verdict: Verdict,
    /// Why: the name of a hazard, or a sentence without a full stop.
    pub why: String,
}

impl Facts {
    /// Nothing but the time.
    pub(crate) fn at(now: OffsetDateTime) -> Self {
        let (dangers, accepted) = (Vec::new(), Vec::new());
        Self { dangers, accepted, rehearsal: None, backup: None, drift: None, now }
    }
}

/// What a gate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateOutcome {
    /// The gate: `accept`, `rehearsal`, `backup`, `drift` or `window`.
    pub gate: &'static str,
    /// Whether it is open.
    pub passed: bool,
    /// What was found, without a full stop.
    pub what: String,
    /// How to satisfy it; empty where it is open.
    pub how: String,
}

impl Gates {
    /// Whether nothing is set, so that nothing needs to be asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The gates that hold for a way back: what protects data. A rehearsal, drift and windows are about planned work, and a way
    /// back is wanted when something went wrong.
    #[must_use]
    pub fn for_downgrade(&self) -> Self {
        Self { accept: self.accept.clone(), backup_within: self.backup_within, ..Self::default() }
    }

    /// Judges by each gate that is set. Pure: nothing is asked and nothing written.
    #[must_use]
    pub fn judge(&self, facts: &Facts) -> Vec<GateOutcome> {
        let accept = (!self.accept.is_empty()).then(|| self.judge_dangers(facts));
        let rehearsal = self.rehearsal_within.map(|within| {
            let how = "rehearse this very plan and say so: `upgrade --dry-run --record`";
            evidence("rehearsal", "rehearsal", facts.rehearsal, within, how)
        });
        let backup = self.backup_within.map(|within| {
            let how =
                "let the run take one with --backup, or take one and say which: --backup-taken \"NAME\"";
            evidence("backup", "backup", facts.backup, within, how)
        });
        let drift = self.stop_on_drift.then(|| drift(facts.drift.as_ref()));
        let window = (!self.windows.is_empty()).then(|| self.judge_time(facts.now));
        [accept, rehearsal, backup, drift, window].into_iter().flatten().collect()
    }

    fn judge_dangers(&self, facts: &Facts) -> GateOutcome {
        let needs = |danger: &&Danger| self.accept.contains(&danger.verdict);
        let open: Vec<&Danger> = facts
            .dangers
            .iter()
            .filter(needs)
            .filter(|danger| !facts.accepted.contains(&danger.verdict))
            .collect();
        if open.is_empty() {
            let accepted = facts.dangers.iter().filter(needs).count();
            let what = match accepted {
                0 => "nothing in the plan needs to be accepted".to_owned(),
                1 => "1 danger is accepted".to_owned(),
                number => format!("{number} dangers are accepted"),
            };
            return GateOutcome::open("accept", what);
        }
        // What is accepted already is said again, so that the line can be copied.
        let asked = open.iter().map(|danger| danger.verdict);
        let mut verdicts: Vec<Verdict> = asked.chain(facts.accepted.iter().copied()).collect();
        verdicts.sort();
        verdicts.dedup();
        let names: Vec<&str> = verdicts.into_iter().map(Verdict::name).collect();
        let how = format!(
            "change the revision; or accept it where that is known to be right: --accept {} --reason \"WHY\"",
            names.join(",")
        );
        let dangers: Vec<String> = open.into_iter().map(ToString::to_string).collect();
        GateOutcome { gate: "accept", passed: false, what: dangers.join("; "), how }
    }

    fn judge_time(&self, now: OffsetDateTime) -> GateOutcome {
        if let Some(window) = self.windows.iter().find(|window| window.contains(now)) {
            return GateOutcome::open("window", format!("{window} is open"));
        }
        let windows: Vec<String> = self.windows.iter().map(ToString::to_string).collect();
        let next = self.windows.iter().filter_map(|window| window.next(now)).min();
        let wait = next.map_or(String::new(), |next| format!("wait until {}; or ", minute(next)));
        GateOutcome {
            gate: "window",
            passed: false,
            what: format!("it is {}, and runs begin only in {}", minute(now), windows.join(" or ")),
            how: format!("{wait}change `windows` in hardtack.toml"),
        }
    }
}

impl GateOutcome {
    fn open(gate: &'static str, what: String) -> Self {
        Self { gate, passed: true, what, how: String::new() }
    }
}

fn evidence(
    gate: &'static str,
    noun: &str,
    found: Option<Duration>,
    within: Duration,
    how: &str,
) -> GateOutcome {
    let newest = |old: Duration| format!("the newest {noun} for this plan is {} old", seconds(old.as_secs()));
    let what = match found {
        Some(old) if old <= within => return GateOutcome::open(gate, newest(old)),
        Some(old) => format!("{}, and {} are allowed", newest(old), age(within)),
        None => format!("there was no {noun} for this plan within {}", age(within)),
    };
    GateOutcome { gate, passed: false, what, how: how.to_owned() }
}

fn drift(found: Option<&Result<usize, String>>) -> GateOutcome {
    let how = "`verify --drift` names the differences; put them right, or let them pass by a pattern of [drift] in hardtack.toml";
    let refused =
        |what: String, how: &str| GateOutcome { gate: "drift", passed: false, what, how: how.to_owned() };
    match found {
        Some(Ok(0)) => GateOutcome::open("drift", "the schema is what its revisions make of it".to_owned()),
        Some(Ok(1)) => refused("the schema has drifted: 1 object differs".to_owned(), how),
        Some(Ok(number)) => refused(format!("the schema has drifted: {number} objects differ"), how),
        Some(Err(reason)) => refused(
            format!("whether the schema has drifted cannot be told: failed to {reason}"),
            "mend that; or set drift = \"ignore\" in hardtack.toml",
        ),
        None => refused("nobody has looked whether the schema has drifted".to_owned(), how),
    }
}

impl std::fmt::Display for Danger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let step = if self.step.is_empty() { "the plan" } else { &self.step };
        write!(formatter, "{step}: {} ({})", self.verdict, self.why)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn facts() -> Facts {
        Facts {
            dangers: Vec::new(),
            accepted: Vec::new(),
            rehearsal: None,
            backup: None,
            drift: None,
            now: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn danger(verdict: Verdict) -> Danger {
        Danger { step: "V7__x".to_owned(), verdict, why: "ban-drop-column".to_owned() }
    }

    fn only(outcomes: Vec<GateOutcome>) -> GateOutcome {
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        outcomes.into_iter().next().unwrap()
    }

    #[test]
    fn without_gates_nothing_is_judged() {
        assert!(Gates::default().is_empty());
        let facts = Facts { dangers: vec![danger(Verdict::LosesData)], ..facts() };
        assert_eq!(Gates::default().judge(&facts), []);
    }

    #[test]
    fn a_listed_verdict_needs_to_be_accepted_and_no_other() {
        let gates = Gates { accept: vec![Verdict::BlocksEverything, Verdict::LosesData], ..Gates::default() };
        let with = |verdicts: &[Verdict], accepted: &[Verdict]| {
            let dangers = verdicts.iter().copied().map(danger).collect();
            only(gates.judge(&Facts { dangers, accepted: accepted.to_vec(), ..facts() }))
        };
        assert!(with(&[], &[]).passed);
        assert!(with(&[Verdict::BriefLock, Verdict::BreaksRunningVersion], &[]).passed);
        // A worse one beside it hides nothing.
        let refused =
            with(&[Verdict::BreaksRunningVersion, Verdict::LosesData, Verdict::BlocksEverything], &[]);
        assert!(!refused.passed);
        assert_eq!(
            refused.what,
            "V7__x: loses data (ban-drop-column); V7__x: blocks everything (ban-drop-column)"
        );
        assert!(
            refused.how.ends_with("--accept blocks-everything,loses-data --reason \"WHY\""),
            "{}",
            refused.how
        );
        let half = with(&[Verdict::LosesData, Verdict::BlocksEverything], &[Verdict::LosesData]);
        assert!(
            !half.passed && half.how.contains("--accept blocks-everything,loses-data --reason"),
            "{half:?}"
        );
        assert!(with(&[Verdict::LosesData], &[Verdict::LosesData]).passed);
    }

    #[test]
    fn evidence_counts_while_it_is_young() {
        let gates =
            Gates { rehearsal_within: Some(24 * HOUR), backup_within: Some(2 * HOUR), ..Gates::default() };
        let found = gates.judge(&Facts { rehearsal: Some(24 * HOUR), backup: Some(3 * HOUR), ..facts() });
        assert!(found[0].passed, "{found:?}");
        assert_eq!(found[1].what, "the newest backup for this plan is 3 h old, and 2h are allowed");
        let none = gates.judge(&facts());
        assert_eq!(none[0].what, "there was no rehearsal for this plan within 24h");
        assert!(none[1].how.contains("--backup-taken"), "{none:?}");
    }

    #[test]
    fn drift_stops_and_so_does_not_knowing() {
        let gates = Gates { stop_on_drift: true, ..Gates::default() };
        let with = |drift| only(gates.judge(&Facts { drift, ..facts() }));
        assert!(with(Some(Ok(0))).passed);
        assert_eq!(with(Some(Ok(2))).what, "the schema has drifted: 2 objects differ");
        assert!(
            with(Some(Err("create a database".to_owned()))).what.ends_with("failed to create a database")
        );
        assert!(!with(None).passed);
    }

    #[test]
    fn outside_of_the_windows_the_next_one_is_named() {
        let windows = ["mon 22:00-05:00 UTC", "fri 03:00-04:00 +02:00"].map(|text| text.parse().unwrap());
        let gates = Gates { windows: windows.to_vec(), ..Gates::default() };
        let refused = only(gates.judge(&facts()));
        assert!(refused.what.starts_with("it is thu 1970-01-01 00:00 UTC, and"), "{}", refused.what);
        assert!(refused.how.starts_with("wait until fri 1970-01-02 03:00 +02:00; or"), "{}", refused.how);
        let friday = OffsetDateTime::UNIX_EPOCH + time::Duration::hours(25);
        assert!(only(gates.judge(&Facts { now: friday, ..facts() })).passed);
    }

    #[test]
    fn a_way_back_heeds_what_protects_data() {
        let gates = Gates {
            accept: vec![Verdict::LosesData],
            rehearsal_within: Some(HOUR),
            backup_within: Some(HOUR),
            stop_on_drift: true,
            windows: vec!["mon 22:00-05:00 UTC".parse().unwrap()],
        };
        let judged = gates.for_downgrade().judge(&facts());
        assert_eq!(judged.iter().map(|outcome| outcome.gate).collect::<Vec<_>>(), ["accept", "backup"]);
    }

    proptest! {
        /// To accept more never closes a gate, and what a refusal asks for opens it.
        #[test]
        fn what_is_asked_for_is_enough(listed in prop::collection::vec(0_usize..7, 0..7), found in prop::collection::vec(0_usize..7, 0..7)) {
            let of = |places: &[usize]| places.iter().map(|place| Verdict::ALL[*place]).collect::<Vec<_>>();
            let gates = Gates { accept: of(&listed), ..Gates::default() };
            let dangers: Vec<Danger> = of(&found).into_iter().map(danger).collect();
            let refused = gates.judge(&Facts { dangers: dangers.clone(), ..facts() });
            for refused in refused.iter().filter(|outcome| !outcome.passed) {
                let asked = refused.how.split("--accept ").nth(1).unwrap().split(' ').next().unwrap();
                let accepted = asked.split(',').map(|name| name.parse().unwrap()).collect();
                let judged = only(gates.judge(&Facts { dangers: dangers.clone(), accepted, ..facts() }));
                prop_assert!(judged.passed);
            }
        }
    }
}
