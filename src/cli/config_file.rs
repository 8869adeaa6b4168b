use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::CommonArgs;

/// `hardtack.toml` as the run time reads it; the build reads its `[build]` table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ConfigFile {
    #[serde(rename = "build", default)]
    _build: toml::Table,
    #[serde(default)]
    pub(super) drift: Drift,
    #[serde(default)]
    pub(super) gates: GateTable,
    #[cfg(feature = "backup")]
    #[serde(default)]
    pub(super) deploy: DeployTable,
    #[cfg(not(feature = "backup"))]
    #[serde(rename = "deploy", default)]
    _deploy: toml::Table,
    #[serde(default)]
    pub(super) defaults: Values,
    #[serde(default)]
    pub(super) environments: BTreeMap<String, Values>,
}

/// What a table sets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Values {
    pub(super) database_url: Option<String>,
    pub(super) history_table: Option<String>,
    pub(super) role: Option<String>,
    pub(super) lock_timeout: Option<String>,
    pub(super) lock_retries: Option<u32>,
    pub(super) lock_wait: Option<String>,
    pub(super) out_of_order: Option<String>,
    pub(super) dir: Option<String>,
    /// Where the server programs of the private server are, instead of those that are found on the machine.
    pub(super) pg_bin: Option<String>,
    pub(super) keep_server: Option<bool>,
    pub(super) on_drift: Option<String>,
    pub(super) on_pending: Option<String>,
    pub(super) on_ahead: Option<String>,
    pub(super) wait_timeout: Option<String>,
    pub(super) backups: Option<String>,
    pub(super) backup_verify: Option<String>,
    pub(super) backup_keep: Option<usize>,
    pub(super) backup_keep_days: Option<u32>,
    pub(super) backup_encrypt_to: Option<String>,
    /// The file with the key of age that reads encrypted backups.
    pub(super) backup_identity: Option<String>,
    pub(super) backup_jobs: Option<usize>,
    pub(super) admin: Option<bool>,
    pub(super) admin_origin: Option<String>,
    /// Of an environment; what is for all stands in a table of its own.
    #[serde(default)]
    pub(super) drift: Drift,
    /// The same.
    #[serde(default)]
    pub(super) gates: GateTable,
    /// The same.
    #[cfg(feature = "backup")]
    #[serde(default)]
    pub(super) deploy: DeployTable,
    #[cfg(not(feature = "backup"))]
    #[serde(rename = "deploy", default)]
    _deploy: toml::Table,
    /// What is said with one run has no place in a file.
    #[serde(skip)]
    pub(super) accept: Option<String>,
    #[serde(skip)]
    pub(super) reason: Option<String>,
    #[serde(skip)]
    pub(super) backup_taken: Option<String>,
}

/// What must be true before a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GateTable {
    /// The verdicts that somebody must accept, by `--accept`: such as `loses-data`.
    pub(super) accept: Option<Vec<String>>,
    /// How old a rehearsal of this very plan may be, such as `"24h"`; `"0"` takes back what `[gates]` wants.
    pub(super) rehearsal_within: Option<String>,
    /// How old a backup may be; as before.
    pub(super) backup_within: Option<String>,
    /// `"stop"` refuses to run on a schema that has drifted; `"ignore"` does not.
    pub(super) drift: Option<String>,
    /// When a run may begin, such as `"mon-thu 22:00-05:00 UTC"`.
    pub(super) windows: Option<Vec<String>>,
}

/// How a deploy goes.
#[cfg(feature = "backup")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DeployTable {
    pub(super) backup: Option<String>,
    pub(super) on_failure: Option<String>,
    pub(super) probe_url: Option<String>,
    pub(super) probe_command: Option<String>,
    pub(super) probe_timeout: Option<String>,
}

/// What is not to count as drift.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Drift {
    /// Patterns of objects and fields. Those for every environment, and those of this one.
    #[serde(default)]
    pub(super) ignore: Vec<String>,
}

impl Values {
    /// A value by its name, as text.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match name {
            "database-url" => self.database_url.clone(),
            "history-table" => self.history_table.clone(),
            "role" => self.role.clone(),
            "lock-timeout" => self.lock_timeout.clone(),
            "lock-retries" => self.lock_retries.map(|retries| retries.to_string()),
            "lock-wait" => self.lock_wait.clone(),
            "out-of-order" => self.out_of_order.clone(),
            "dir" => self.dir.clone(),
            "pg-bin" => self.pg_bin.clone(),
            "on-drift" => self.on_drift.clone(),
            "on-pending" => self.on_pending.clone(),
            "on-ahead" => self.on_ahead.clone(),
            "wait-timeout" => self.wait_timeout.clone(),
            "backups" => self.backups.clone(),
            "backup-verify" => self.backup_verify.clone(),
            "backup-keep" => self.backup_keep.map(|number| number.to_string()),
            "backup-keep-days" => self.backup_keep_days.map(|number| number.to_string()),
            "backup-encrypt-to" => self.backup_encrypt_to.clone(),
            "backup-identity" => self.backup_identity.clone(),
            "backup-jobs" => self.backup_jobs.map(|number| number.to_string()),
            "admin" => self.admin.map(|admin| admin.to_string()),
            "admin-origin" => self.admin_origin.clone(),
            "accept" => self.accept.clone(),
            "reason" => self.reason.clone(),
            "backup-taken" => self.backup_taken.clone(),
            "keep-server" => self.keep_server.map(|keep| keep.to_string()),
            _ => None,
        }
    }
}

impl From<&CommonArgs> for Values {
    fn from(args: &CommonArgs) -> Self {
        Self {
            database_url: args.database_url.clone(),
            history_table: args.history_table.clone(),
            role: args.role.clone(),
            lock_timeout: args.lock_timeout.clone(),
            lock_retries: args.lock_retries,
            lock_wait: args.lock_wait.clone(),
            out_of_order: args.out_of_order.clone(),
            dir: args.dir.as_ref().map(|path| path.display().to_string()),
            keep_server: args.keep_server,
            on_drift: args.on_drift.clone(),
            accept: args.accept.clone(),
            reason: args.reason.clone(),
            backup_taken: args.backup_taken.clone(),
            // What is a flag of no command, or of some.
            ..Self::default()
        }
    }
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigFileError {
    #[error("read {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("read {}: {message}", .path.display())]
    Malformed { path: PathBuf, message: String },
}

impl ConfigFile {
    /// Reads the file. Only a file that was asked for by name has to exist.
    pub(super) fn read(path: &Path, asked_for: bool) -> Result<Self, ConfigFileError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let malformed = |message| ConfigFileError::Malformed { path: path.to_owned(), message };
                // The message shows the line, which may hold a password.
                let file: Self = toml::from_str(&text).map_err(|error| {
                    malformed(format!("{} {}", place(&text, error.span()), error.message()))
                })?;
                if !file.defaults.drift.ignore.is_empty() {
                    return Err(malformed("write [defaults.drift] as [drift]".to_owned()));
                }
                if file.defaults.gates != GateTable::default() {
                    return Err(malformed("write [defaults.gates] as [gates]".to_owned()));
                }
                #[cfg(feature = "backup")]
                if file.defaults.deploy != DeployTable::default() {
                    return Err(malformed("write [defaults.deploy] as [deploy]".to_owned()));
                }
                Ok(file)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => Ok(Self::default()),
            Err(source) => Err(ConfigFileError::Unreadable { path: path.to_owned(), source }),
        }
    }
}

fn place(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    span.and_then(|span| text.get(..span.start))
        .map_or(String::new(), |before| format!("line {}:", before.matches('\n').count() + 1))
}
