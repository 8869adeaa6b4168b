//! Runs plans: the lock, the session, refinery.

/// What the server shows of our sessions.
const APPLICATION_NAME: &str = "hardtack";

mod around;
mod backfills;
#[cfg(feature = "backup")]
mod backups;
mod blockers;
mod cause;
mod check_failure;
mod commands;
mod concurrent;
mod deferred;
#[cfg(feature = "backup")]
pub mod deploy;
mod downgrade;
mod error;
mod error_kind;
mod events;
mod execute;
mod hygiene;
mod left;
mod lock;
mod locked;
#[cfg(feature = "metrics")]
mod metrics;
mod migration_status;
mod migrator;
mod observe;
mod one_by_one;
#[cfg(not(feature = "operations"))]
#[path = "no_operations.rs"]
mod operations;
#[cfg(feature = "operations")]
mod operations;
#[cfg(feature = "admin")]
mod own_change;
mod preflight;
mod retry;
mod run;
mod run_end;
mod sink;
mod status;
mod step;
mod step_error;
mod task;
mod waiting;
mod worker;

#[cfg(feature = "backup")]
pub use backups::{BackupOptions, Keep, PutBack, RestoreOptions, Restored, TakenBackup};
pub use blockers::Blocker;
pub use check_failure::CheckFailure;
pub use deferred::DeferredError;
pub use downgrade::DowngradeOptions;
pub use error::Error;
pub use events::{Event, LockHolder};
pub use left::Left;
pub use lock::LockError;
#[cfg(feature = "metrics")]
pub(crate) use metrics::record_status;
pub use migration_status::{Ahead, MigrationStatus};
pub use migrator::Migrator;
#[cfg(feature = "operations")]
pub use operations::{
    AdoptError, AdoptOptions, Adoption, Against, CheckOutcome, Consent, DataCheck, DowngradePlan, Drift,
    Expectation, Fault, Flaw, Marked, OnDrift, Refusal, Repair, Replay, Snapshots, Source, SourceCatalog,
    Stair, StairOutcome, Undeclared, Unfit, Unsound, dry_run,
};
#[cfg(feature = "admin")]
pub(crate) use own_change::OwnChange;
pub use preflight::PreflightError;
pub use run::{Run, RunOutcome, StepReport, UpgradeOptions};
pub use run_end::RunEnd;
pub use status::{AppliedRevision, RevisionStatus, Status};
pub use step_error::StepError;
pub(crate) use waiting::Waiting;
