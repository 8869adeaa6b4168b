//! The command line: types to flatten into an application's own, output, exit codes, configuration.
//!
//! Only this module knows clap, standard output and the process's exit.

#[cfg(feature = "admin")]
mod admin;
mod adopt;
mod args;
mod backfills;
#[cfg(feature = "backup")]
mod backup;
#[cfg(feature = "backup")]
mod backup_settings;
mod baseline;
mod boot;
mod command;
mod config_file;
#[cfg(feature = "backup")]
mod deploy;
#[cfg(feature = "backup")]
mod deploy_sections;
#[cfg(feature = "backup")]
mod deploy_settings;
mod diff;
mod diff_source;
mod downgrade;
mod dry_run;
mod exit_code;
mod gate_settings;
mod generate;
mod generate_diff;
mod generate_expand;
mod git;
mod history;
mod init;
mod lock;
mod logging;
mod output;
mod policy;
mod program;
mod progress;
mod progress_bar;
mod repair;
#[cfg(feature = "backup")]
mod restore;
mod sections;
#[cfg(feature = "axum")]
mod serve;
mod session;
mod settings;
mod shown;
mod signals;
mod snapshot;
mod snapshot_folder;
mod squash;
mod status;
mod tables;
mod templates;
#[cfg(feature = "admin")]
mod tokens;
mod upgrade;
mod verify;
mod verify_advice;
mod verify_ci;
mod verify_sections;

#[cfg(feature = "admin")]
pub use admin::AdminArgs;
pub use adopt::AdoptArgs;
pub use args::{BootArgs, CommonArgs, Format, LogFormat};
pub use backfills::BackfillsCommand;
#[cfg(feature = "backup")]
pub use backup::{BackupArgs, BackupCommand, BackupFirst, PlaceArgs, Verification};
pub use baseline::BaselineArgs;
pub use boot::{Application, Boot, Ready};
pub use command::DbCommand;
#[cfg(feature = "backup")]
pub use deploy::{Backup, DeployArgs};
pub use diff::DiffArgs;
pub use downgrade::DowngradeArgs;
pub use dry_run::DryRunArgs;
pub use exit_code::ExitCode;
pub use generate::GenerateArgs;
pub use init::InitArgs;
pub use lock::LockArgs;
pub use policy::PolicyArgs;
#[doc(hidden)]
pub use program::{Program, ProgramCommand};
pub use repair::RepairArgs;
#[cfg(feature = "backup")]
pub use restore::RestoreArgs;
#[cfg(feature = "axum")]
pub use serve::ServeArgs;
pub use snapshot::SnapshotArgs;
pub use squash::SquashArgs;
#[cfg(feature = "admin")]
pub use tokens::{Lifetime, TokensCommand};
pub use upgrade::UpgradeArgs;
pub use verify::VerifyArgs;
