//! What a database has applied. Reading never writes.

mod compatibility;
mod deferred;
#[cfg(feature = "backup")]
mod deploy;
#[cfg(feature = "operations")]
mod evidence;
#[cfg(feature = "operations")]
pub mod foreign;
#[cfg(feature = "operations")]
mod logged_run;
mod open_run;
mod read;
mod record;
mod run_log;
mod system;
mod unfinished;

pub(crate) use compatibility::read_breaks;
pub use deferred::DeferredBackfill;
#[cfg(feature = "backup")]
pub(crate) use deploy::{DeployEnd, DeployRow, NewDeploy};
#[cfg(feature = "backup")]
pub use deploy::{DeployStage, WayBack};
#[cfg(feature = "operations")]
pub use evidence::{Evidence, EvidenceKind};
#[cfg(feature = "operations")]
pub use logged_run::LoggedRun;
pub use open_run::OpenRun;
pub use read::HistoryError;
pub(crate) use read::{at_head, read, read_durations, read_many};
#[cfg(feature = "operations")]
pub(crate) use record::is_checksum_of;
pub(crate) use record::milliseconds;
pub use record::{Applied, History};
#[cfg(feature = "admin")]
pub(crate) use run_log::host_name;
#[cfg(feature = "operations")]
pub(crate) use run_log::{Change, Subject};
pub(crate) use run_log::{Opening, Outcome, RunLog, StepRow};
pub(crate) use system::SYSTEM;
pub use unfinished::Unfinished;
