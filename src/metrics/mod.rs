//! What runs and backfills do, as numbers: the [`metrics`](https://docs.rs/metrics) facade, with the feature `metrics`.
//!
//! A [`Migrator`](crate::Migrator) records as it works, into whatever recorder the application has installed; without one
//! nothing happens. Rehearsals are not recorded. Every metric has the label `database`, the name of the database.
//!
//! With the feature `prometheus` there is a recorder here, [`Prometheus`]; another exporter of that facade does as well, with
//! [`describe`] called once it is installed.

#[cfg(feature = "prometheus")]
mod prometheus;
mod table;

#[cfg(feature = "prometheus")]
pub use prometheus::{InstallError, Prometheus};
pub use table::{ALL, Metric, MetricKind, describe};
pub(crate) use table::{
    BACKFILL_FAILED, BACKFILL_REMAINING, BACKFILL_ROWS, CURRENT_VERSION, EXPECTED_VERSION, LAST_FAILURE,
    LAST_SUCCESS, LOCK_WAIT, LOCK_WAITING, PENDING, REVISION_DURATION, REVISION_LAST_DURATION, RUN_DURATION,
    RUNS, RUNS_ACTIVE, SCHEMA_READY, STEP_RETRIES,
};
