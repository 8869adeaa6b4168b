use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// A metric as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: MetricKind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A number that only grows, from the start of the process.
    Counter,
    /// A number that is as it was last set.
    Gauge,
    /// How many values there were of which size.
    Histogram,
}

impl MetricKind {
    /// Its name, as Prometheus has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl Metric {
    const fn new(
        name: &'static str,
        kind: MetricKind,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { name, kind, labels, help }
    }
}

/// All metrics.
pub const ALL: &[Metric] = &[
    RUNS,
    RUN_DURATION,
    RUNS_ACTIVE,
    LAST_SUCCESS,
    LAST_FAILURE,
    REVISION_DURATION,
    REVISION_LAST_DURATION,
    STEP_RETRIES,
    LOCK_WAIT,
    LOCK_WAITING,
    BACKFILL_ROWS,
    BACKFILL_REMAINING,
    BACKFILL_FAILED,
    PENDING,
    CURRENT_VERSION,
    EXPECTED_VERSION,
    SCHEMA_READY,
];

/// Tells the installed recorder what each metric is about. Call it once, behind the recorder's installation.
pub fn describe() {
    for metric in ALL {
        let unit = if metric.name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match metric.kind {
            MetricKind::Counter => describe_counter!(metric.name, unit, metric.help),
            MetricKind::Gauge => describe_gauge!(metric.name, unit, metric.help),
            MetricKind::Histogram => describe_histogram!(metric.name, unit, metric.help),
        }
    }
}

pub(crate) const RUNS: Metric = Metric::new(
    "hardtack_runs_total",
    MetricKind::Counter,
    &["database", "command", "outcome"],
    "Commands that have ended.",
);

pub(crate) const RUN_DURATION: Metric = Metric::new(
    "hardtack_run_duration_seconds",
    MetricKind::Histogram,
    &["database", "command", "outcome"],
    "How long commands took.",
);

pub(crate) const RUNS_ACTIVE: Metric = Metric::new(
    "hardtack_runs_active",
    MetricKind::Gauge,
    &["database", "command"],
    "Commands that have begun and not ended.",
);

pub(crate) const LAST_SUCCESS: Metric = Metric::new(
    "hardtack_last_success_timestamp_seconds",
    MetricKind::Gauge,
    &["database", "command"],
    "When a command last ended well, also with nothing to do, as Unix time.",
);

pub(crate) const LAST_FAILURE: Metric = Metric::new(
    "hardtack_last_failure_timestamp_seconds",
    MetricKind::Gauge,
    &["database", "command"],
    "When a command last failed, as Unix time.",
);

pub(crate) const REVISION_DURATION: Metric = Metric::new(
    "hardtack_revision_duration_seconds",
    MetricKind::Histogram,
    &["database", "direction", "outcome"],
    "How long revisions took, with their retries.",
);

pub(crate) const REVISION_LAST_DURATION: Metric = Metric::new(
    "hardtack_revision_last_duration_seconds",
    MetricKind::Gauge,
    &["database", "direction", "version", "name"],
    "How long a revision took when it was last run.",
);

pub(crate) const STEP_RETRIES: Metric = Metric::new(
    "hardtack_step_retries_total",
    MetricKind::Counter,
    &["database"],
    "Attempts at a revision that did not get a lock in time, and were followed by another.",
);

pub(crate) const LOCK_WAIT: Metric = Metric::new(
    "hardtack_lock_wait_seconds",
    MetricKind::Histogram,
    &["database", "outcome"],
    "How long commands waited for the migration lock.",
);

pub(crate) const LOCK_WAITING: Metric = Metric::new(
    "hardtack_lock_waiting_seconds",
    MetricKind::Gauge,
    &["database"],
    "For how long the command that waits for the migration lock has waited, as last looked; 0 where none waits.",
);

pub(crate) const BACKFILL_ROWS: Metric = Metric::new(
    "hardtack_backfill_rows_total",
    MetricKind::Counter,
    &["database", "backfill"],
    "Rows that backfills of this process have worked on.",
);

pub(crate) const BACKFILL_REMAINING: Metric = Metric::new(
    "hardtack_backfill_remaining_rows",
    MetricKind::Gauge,
    &["database", "backfill"],
    "An estimate of the rows that a backfill has still to work on.",
);

pub(crate) const BACKFILL_FAILED: Metric = Metric::new(
    "hardtack_backfill_failed",
    MetricKind::Gauge,
    &["database", "backfill"],
    "1 where a backfill has failed and nothing of it was done since.",
);

pub(crate) const PENDING: Metric = Metric::new(
    "hardtack_pending_revisions",
    MetricKind::Gauge,
    &["database"],
    "Revisions of this program that the database has not.",
);

pub(crate) const CURRENT_VERSION: Metric = Metric::new(
    "hardtack_current_version",
    MetricKind::Gauge,
    &["database"],
    "The newest applied version; 0 in an empty history.",
);

pub(crate) const EXPECTED_VERSION: Metric = Metric::new(
    "hardtack_expected_version",
    MetricKind::Gauge,
    &["database"],
    "The newest version of this program; 0 where it has none.",
);

pub(crate) const SCHEMA_READY: Metric = Metric::new(
    "hardtack_schema_ready",
    MetricKind::Gauge,
    &["database"],
    "1 where this program can work on the database's schema.",
);
