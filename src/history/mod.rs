//! What a database has applied. Reading never writes.

mod compatibility;
mod deferred;
#[cfg(feature = "backup")]
mod deploy;
mod evidence;
pub mod foreign;
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
pub use evidence::{Evidence, EvidenceKind};
pub use logged_run::LoggedRun;
pub use open_run::OpenRun;
pub use read::HistoryError;
pub(crate) use read::{at_head, read, read_durations, read_many};
pub(crate) use record::is_checksum_of;
pub(crate) use record::milliseconds;
pub use record::{Applied, History};
#[cfg(feature = "admin")]
pub(crate) use run_log::host_name;
pub(crate) use run_log::{Change, Opening, Outcome, RunLog, StepRow, Subject};
pub(crate) use system::SYSTEM;
pub use unfinished::Unfinished;
