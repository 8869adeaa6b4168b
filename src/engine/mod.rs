//! Runs plans: the lock, the session, refinery.

/// What the server shows of our sessions.
const APPLICATION_NAME: &str = "hardtack";

mod adopt;
mod around;
mod backfills;
#[cfg(feature = "backup")]
mod backups;
mod baseline;
mod blockers;
mod care;
mod cause;
mod check_failure;
mod commands;
mod compare;
mod concurrent;
mod data_checks;
mod deferred;
#[cfg(feature = "backup")]
pub mod deploy;
mod downgrade;
mod drift;
pub mod dry_run;
mod error;
mod error_kind;
mod events;
mod execute;
mod gate;
mod hygiene;
mod left;
#[cfg(feature = "resolve")]
mod load;
mod lock;
mod locked;
mod mark;
#[cfg(feature = "metrics")]
mod metrics;
mod migration_status;
mod migrator;
mod observe;
mod one_by_one;
#[cfg(feature = "admin")]
mod own_change;
mod preflight;
mod repair;
mod replaying;
mod retry;
mod run;
mod run_end;
mod runs;
mod sink;
mod snapshots;
mod source;
mod stage;
mod status;
mod step;
mod step_error;
mod task;
mod verification;
mod waiting;
mod worker;

pub use adopt::{AdoptError, AdoptOptions, Adoption, Refusal};
#[cfg(feature = "backup")]
pub use backups::{BackupOptions, Keep, PutBack, RestoreOptions, Restored, TakenBackup};
pub use blockers::Blocker;
pub use check_failure::CheckFailure;
pub use compare::Replay;
pub use data_checks::{CheckOutcome, DataCheck};
pub use deferred::DeferredError;
pub use downgrade::{DowngradeOptions, DowngradePlan};
pub use drift::{Against, Drift, OnDrift, Unfit};
pub use error::Error;
pub use events::{Event, LockHolder};
pub use gate::Consent;
pub use left::Left;
pub use lock::LockError;
pub use mark::Marked;
#[cfg(feature = "metrics")]
pub(crate) use metrics::record_status;
pub use migration_status::{Ahead, MigrationStatus};
pub use migrator::Migrator;
#[cfg(feature = "admin")]
pub(crate) use own_change::OwnChange;
pub use preflight::PreflightError;
pub use repair::{Fault, Repair};
pub use run::{Run, RunOutcome, StepReport, UpgradeOptions};
pub use run_end::RunEnd;
pub use snapshots::{Snapshots, Undeclared};
pub use source::{Source, SourceCatalog};
pub use status::{AppliedRevision, RevisionStatus, Status};
pub use step_error::StepError;
pub use verification::{Expectation, Flaw, Stair, StairOutcome, Unsound};
pub(crate) use waiting::Waiting;
