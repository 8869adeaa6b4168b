use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::{BootPolicy, Phase};
use crate::engine::{Ahead, MigrationStatus};
use crate::history::milliseconds;

/// What is asked of a process, in Kubernetes' sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Probe {
    /// Whether it works at all; where not, it is to be restarted. A long migration is alive.
    Live,
    /// Whether it may be sent traffic: the schema is right.
    Ready,
    /// Whether its start is under way, so that the other two count: it has found its database. A long migration has started.
    Startup,
    /// Where its schema stands, in full.
    Migrations,
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200 for yes, 503 for no.
    pub status: u16,
    /// A JSON object.
    pub body: String,
}

/// What is known when somebody asks.
pub(super) struct Known<'a> {
    pub(super) policy: &'a BootPolicy,
    pub(super) phase: &'a Phase,
    pub(super) status: Option<&'a MigrationStatus>,
    /// Whether that was seen behind the boot, and behind what was done here since.
    pub(super) is_since_change: bool,
    /// How old it is.
    pub(super) age: Option<Duration>,
    /// Whether the last look found the database; none where nobody has looked.
    pub(super) is_reachable: Option<bool>,
    /// Objects that were not what the revisions make of them, where somebody looked.
    pub(super) drift: Option<usize>,
}

/// The short answers.
#[derive(Serialize)]
struct Short<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'a Phase>,
}

/// The full one. It names no address, user or value: whoever reaches the port reads it.
#[derive(Serialize)]
struct Full<'a> {
    ok: bool,
    phase: &'a Phase,
    database_reachable: Option<bool>,
    #[serde(rename = "looked_ms_ago", serialize_with = "milliseconds")]
    age: Option<Duration>,
    current: Option<i64>,
    expected: Option<i64>,
    last_applied_at: Option<&'a str>,
    pending: &'a [String],
    ahead: &'a [Ahead],
    conflicts: usize,
    unfinished: Vec<i64>,
    migrating_since: Option<&'a str>,
    drift: Option<usize>,
    backfills: Vec<Backfill<'a>>,
}

#[derive(Serialize)]
struct Backfill<'a> {
    name: &'a str,
    state: &'a str,
    rows: u64,
    total: Option<u64>,
    #[serde(rename = "remaining_ms", serialize_with = "milliseconds")]
    remaining: Option<Duration>,
}

impl Probe {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Live, Self::Ready, Self::Startup, Self::Migrations];

    /// Where it is asked: `/health/live` and its kin.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Live => "/health/live",
            Self::Ready => "/health/ready",
            Self::Startup => "/health/startup",
            Self::Migrations => "/health/migrations",
        }
    }
}

impl FromStr for Probe {
    type Err = ();

    /// From the path of a request.
    fn from_str(path: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|probe| probe.path() == path).ok_or(())
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path())
    }
}

impl Known<'_> {
    pub(super) fn answer(&self, probe: Probe) -> Answer {
        let refusal = match probe {
            Probe::Live => None,
            Probe::Startup => self.not_started(),
            Probe::Ready | Probe::Migrations => self.not_ready(),
        };
        let ok = refusal.is_none();
        let body = match probe {
            Probe::Migrations => serde_json::to_string(&self.full(ok)),
            Probe::Live => serde_json::to_string(&Short { ok, reason: None, phase: None }),
            _ => serde_json::to_string(&Short { ok, reason: refusal, phase: Some(&self.shown()) }),
        };
        // Numbers and texts alone always have a form.
        Answer { status: if ok { 200 } else { 503 }, body: body.unwrap_or_default() }
    }

    fn not_started(&self) -> Option<String> {
        match self.phase {
            Phase::Starting => Some("it has not found its database yet".to_owned()),
            Phase::WaitingForDatabase { .. } => Some("it waits for its database".to_owned()),
            Phase::Failed { .. } => Some("it does not start".to_owned()),
            _ => None,
        }
    }

    fn not_ready(&self) -> Option<String> {
        match self.phase {
            Phase::Ready => {}
            Phase::Migrating(step) => {
                return Some(format!("it migrates: {}, {} of {}", step.revision, step.position, step.total));
            }
            Phase::Working { work, .. } => return Some(format!("it is at work before it serves: {work}")),
            Phase::WaitingForLock { .. } => return Some("another process migrates".to_owned()),
            Phase::WaitingForRevisions { pending, .. } => {
                return Some(format!("it waits for {pending} revisions that somebody else is to apply"));
            }
            Phase::Stopping => return Some("it is about to end".to_owned()),
            _ => return self.not_started(),
        }
        // The schema may have changed since. A database that does not answer is no reason: it would take all processes out at once.
        let status = self.status.filter(|status| self.is_since_change && !self.policy.allows(status))?;
        Some(if !status.pending.is_empty() {
            format!("{} of its revisions are not applied any more", status.pending.len())
        } else if !status.conflicts.is_empty() {
            "the database's history contradicts this binary".to_owned()
        } else {
            "the schema is newer, and this binary is not known to work on it".to_owned()
        })
    }

    /// The phase without what a server has said, which may hold values of rows.
    fn shown(&self) -> Phase {
        match self.phase {
            Phase::Failed { .. } => Phase::Failed { error: "the log says why".to_owned() },
            Phase::WaitingForDatabase { waited_ms, .. } => {
                Phase::WaitingForDatabase { reason: "the log says why".to_owned(), waited_ms: *waited_ms }
            }
            Phase::WaitingForLock { waited_ms, .. } => {
                Phase::WaitingForLock { holder: None, waited_ms: *waited_ms }
            }
            other => other.clone(),
        }
    }

    fn full(&self, ok: bool) -> serde_json::Value {
        let status = self.status;
        let shown = self.shown();
        let full = Full {
            ok,
            phase: &shown,
            database_reachable: self.is_reachable,
            age: self.age,
            current: status.and_then(|status| status.current),
            expected: status.and_then(|status| status.expected),
            last_applied_at: status.and_then(|status| status.last_applied_at.as_deref()),
            pending: status.map_or(&[], |status| &status.pending),
            ahead: status.map_or(&[], |status| &status.ahead),
            conflicts: status.map_or(0, |status| status.conflicts.len()),
            unfinished: status
                .map(|status| status.unfinished.iter().map(|step| step.version).collect())
                .unwrap_or_default(),
            migrating_since: status
                .and_then(|status| status.lock_holder.as_ref())
                .map(|holder| holder.since.as_str()),
            drift: self.drift,
            backfills: status.map(backfills).unwrap_or_default(),
        };
        serde_json::to_value(full).unwrap_or_default()
    }
}

fn backfills(status: &MigrationStatus) -> Vec<Backfill<'_>> {
    let backfills = status.backfills.iter().map(|backfill| Backfill {
        name: &backfill.name,
        state: &backfill.state,
        rows: backfill.rows,
        total: backfill.total,
        remaining: backfill.remaining,
    });
    backfills.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::StepProgress;

    fn status(pending: &[&str]) -> MigrationStatus {
        MigrationStatus {
            database: "shop".to_owned(),
            current: Some(1),
            expected: Some(2),
            last_applied_at: None,
            pending: pending.iter().map(|&stem| stem.to_owned()).collect(),
            ahead: Vec::new(),
            conflicts: Vec::new(),
            unfinished: Vec::new(),
            lock_holder: None,
            run: None,
            backfills: Vec::new(),
        }
    }

    fn answer(phase: &Phase, status: Option<&MigrationStatus>, is_since_change: bool, probe: Probe) -> u16 {
        let (policy, age) = (&BootPolicy::default(), None);
        let (is_reachable, drift) = (Some(true), None);
        Known { policy, phase, status, is_since_change, age, is_reachable, drift }.answer(probe).status
    }

    #[test]
    fn each_phase_has_its_answers() {
        let waiting = |reason: &str| Phase::WaitingForDatabase { reason: reason.to_owned(), waited_ms: 1 };
        let cases = [
            (Phase::Starting, [200, 503, 503]),
            (waiting("refused"), [200, 503, 503]),
            (Phase::WaitingForLock { holder: None, waited_ms: 1 }, [200, 503, 200]),
            (Phase::WaitingForRevisions { pending: 1, waited_ms: 1 }, [200, 503, 200]),
            (Phase::Migrating(StepProgress::default()), [200, 503, 200]),
            (Phase::Working { work: "backup".to_owned(), done: 1, of: None }, [200, 503, 200]),
            (Phase::Ready, [200, 200, 200]),
            (Phase::Stopping, [200, 503, 200]),
            (Phase::Failed { error: String::new() }, [200, 503, 503]),
        ];
        for (phase, expected) in cases {
            let found =
                [Probe::Live, Probe::Ready, Probe::Startup].map(|probe| answer(&phase, None, true, probe));
            assert_eq!(found, expected, "{phase:?}");
        }
    }

    #[test]
    fn only_what_was_seen_behind_the_boot_counts() {
        let behind = status(&["V2__two"]);
        assert_eq!(answer(&Phase::Ready, Some(&behind), false, Probe::Ready), 200);
        assert_eq!(answer(&Phase::Ready, Some(&behind), true, Probe::Ready), 503);
        assert_eq!(answer(&Phase::Ready, Some(&status(&[])), true, Probe::Ready), 200);
    }

    #[test]
    fn nobody_reads_there_what_a_server_has_said() {
        let phase = Phase::Failed { error: "duplicate key (email)=(jo@example.com)".to_owned() };
        for probe in Probe::ALL {
            let (policy, age, drift) = (&BootPolicy::default(), None, None);
            let known = Known {
                policy,
                phase: &phase,
                status: None,
                is_since_change: true,
                age,
                is_reachable: Some(true),
                drift,
            };
            assert!(!known.answer(probe).body.contains("jo@example.com"), "{probe}");
        }
    }
}
