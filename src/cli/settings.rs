use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

#[cfg(feature = "admin")]
use super::admin::AdminSettings;
#[cfg(feature = "backup")]
use super::backup_settings::BackupSettings;
use super::config_file::{ConfigFile, ConfigFileError, Values};
#[cfg(feature = "backup")]
use super::deploy_settings::DeploySettings;
use super::gate_settings::{GateSettings, verdict_list};
use super::policy::PolicySettings;
use super::shown::{Shown, ShownSetting};
use super::{CommonArgs, LogFormat};
use crate::catalog::{Ignore, IgnoreError};
use crate::config::{HistoryTable, Role};
use crate::db::{ConnectOptions, OptionsError};
use crate::engine::{Consent, OnDrift};
use crate::plan::OutOfOrder;
use crate::safety::Verdict;

/// The configuration in force.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) environment: Setting<Option<String>>,
    pub(super) database: Setting<Database>,
    pub(super) history_table: Setting<HistoryTable>,
    pub(super) role: Setting<Option<Role>>,
    pub(super) lock_timeout: Setting<Duration>,
    pub(super) lock_retries: Setting<u32>,
    pub(super) lock_wait: Setting<Duration>,
    pub(super) out_of_order: Setting<OutOfOrder>,
    pub(super) on_drift: Setting<OnDrift>,
    pub(super) ignored_drift: Setting<Ignore>,
    pub(super) gates: GateSettings,
    pub(super) policy: PolicySettings,
    pub(super) accept: Setting<Vec<Verdict>>,
    pub(super) reason: Setting<Option<String>>,
    pub(super) backup_taken: Setting<Option<String>>,
    #[cfg(feature = "backup")]
    pub(super) backup: BackupSettings,
    #[cfg(feature = "backup")]
    pub(super) deploy: DeploySettings,
    #[cfg(feature = "admin")]
    pub(super) admin: AdminSettings,
    pub(super) dir: Setting<Option<PathBuf>>,
    pub(super) pg_bin: Setting<Option<PathBuf>>,
    pub(super) keep_server: Setting<Option<bool>>,
    pub(super) log_format: LogFormat,
}

/// A value and where it comes from.
#[derive(Debug)]
pub(super) struct Setting<T> {
    pub(super) value: T,
    pub(super) source: String,
}

/// The database to work on.
#[derive(Debug)]
pub(super) enum Database {
    Given(Box<ConnectOptions>),
    /// None was given.
    Absent,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error(transparent)]
    File(#[from] ConfigFileError),
    #[error(transparent)]
    Database(#[from] OptionsError),
    #[error("use {value:?} from {source_name} as {name}: {reason}")]
    Value { name: &'static str, value: String, source_name: String, reason: String },
    #[error(
        "accept what {source_name} names: there is no reason; say why with --reason TEXT or HARDTACK_REASON, which stands in \
         the run log"
    )]
    NoReason { source_name: String },
    #[error("use the environment {name:?}: {file} has no table [environments.{name}]; it has {known}")]
    UnknownEnvironment { name: String, file: String, known: String },
    #[error(
        "take a password from the command line: everybody on the machine can read it there; put it into DATABASE_URL, \
         PGPASSWORD or ~/.pgpass"
    )]
    PasswordOnCommandLine,
}

impl Settings {
    /// Flags, then the environment, then the file's table for the environment, then its defaults, then ours.
    pub(super) fn resolve(
        args: &CommonArgs,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        // An empty variable is none, but where a secret would be written for everybody to read.
        let lookup = |name: &str| {
            variable(name).filter(|value| !value.is_empty() || name == "HARDTACK_BACKUP_ENCRYPT_TO")
        };
        let path = args.config.clone().or_else(|| lookup("HARDTACK_CONFIG").map(PathBuf::from));
        let asked_for = path.is_some();
        let path = path.unwrap_or_else(|| PathBuf::from("hardtack.toml"));
        let file = ConfigFile::read(&path, asked_for)?;
        let environment = pick(args.environment.clone(), "--env", lookup("HARDTACK_ENV"), "HARDTACK_ENV");
        let name = environment.as_ref().map(|setting| setting.value.as_str());
        let layers = Layers::new(Values::from(args), &lookup, &file, &path, name)?;
        let (five_seconds, five_minutes) = (Duration::from_secs(5), Duration::from_secs(300));
        let accept = layers.get("accept", Vec::new(), verdict_list)?;
        let reason = layers.get("reason", None, said)?;
        if !accept.value.is_empty() && reason.value.is_none() {
            return Err(SettingsError::NoReason { source_name: accept.source });
        }
        Ok(Self {
            database: database(args, &layers, &lookup)?,
            history_table: layers.get("history-table", HistoryTable::default(), history_table)?,
            role: layers
                .get("role", None, |name| Role::new(name).map(Some).map_err(|error| error.to_string()))?,
            lock_timeout: layers.get("lock-timeout", five_seconds, duration)?,
            lock_retries: layers.get("lock-retries", 10, |text| {
                u32::from_str(text).map_err(|_| "write a number, 0 for none".to_owned())
            })?,
            lock_wait: layers.get("lock-wait", five_minutes, duration)?,
            out_of_order: layers.get("out-of-order", OutOfOrder::Reject, |text| {
                OutOfOrder::from_str(text).map_err(str::to_owned)
            })?,
            on_drift: layers
                .get("on-drift", OnDrift::Ignore, |text| OnDrift::from_str(text).map_err(str::to_owned))?,
            ignored_drift: ignored_drift(&file, &path, name)?,
            gates: GateSettings::resolve(&file, &path, name)?,
            policy: PolicySettings::resolve(&layers)?,
            accept,
            reason,
            backup_taken: layers.get("backup-taken", None, said)?,
            #[cfg(feature = "backup")]
            backup: BackupSettings::resolve(&layers)?,
            #[cfg(feature = "backup")]
            deploy: DeploySettings::resolve(&file, &path, name)?,
            #[cfg(feature = "admin")]
            admin: AdminSettings::resolve(&layers)?,
            dir: layers.get("dir", None, |path| Ok(Some(PathBuf::from(path))))?,
            pg_bin: layers.get("pg-bin", None, |path| Ok(Some(PathBuf::from(path))))?,
            keep_server: layers.get("keep-server", None, |text| boolean(text).map(Some))?,
            environment: optional(environment),
            log_format: args.log_format.unwrap_or_default(),
        })
    }

    /// What the operator says with this run.
    pub(super) fn consent(&self) -> Consent {
        Consent {
            accepted: self.accept.value.clone(),
            reason: self.reason.value.clone(),
            backup: self.backup_taken.value.clone(),
            by: None,
        }
    }

    /// What `--show-config` prints.
    pub(super) fn shown(&self) -> Shown {
        let path = |path: &Option<PathBuf>| or_none(path.as_ref().map(|path| path.display()));
        let role = |role: &Option<Role>| or_none(role.as_ref().map(Role::as_str));
        let time = |time: &Duration| format!("{time:?}");
        let mut all = vec![
            self.environment.shown("env", |name| or_none(name.as_deref())),
            self.database.shown("database", ToString::to_string),
            self.history_table.shown("history-table", ToString::to_string),
            self.role.shown("role", role),
            self.lock_timeout.shown("lock-timeout", time),
            self.lock_retries.shown("lock-retries", ToString::to_string),
            self.lock_wait.shown("lock-wait", time),
            self.out_of_order.shown("out-of-order", ToString::to_string),
            self.on_drift.shown("on-drift", ToString::to_string),
            self.ignored_drift.shown("drift.ignore", |ignore| {
                or_none(Some(ignore.to_string()).filter(|text| !text.is_empty()))
            }),
            self.dir.shown("dir", path),
            self.pg_bin.shown("pg-bin", path),
            self.keep_server.shown("keep-server", |keep| keep.unwrap_or_default().to_string()),
        ];
        all.extend(self.policy.shown());
        #[cfg(feature = "backup")]
        all.extend(self.backup.shown());
        #[cfg(feature = "backup")]
        all.extend(self.deploy.shown());
        #[cfg(feature = "admin")]
        all.extend(self.admin.shown());
        all.extend(self.gates.shown());
        all.extend(self.shown_consent());
        Shown(all)
    }

    fn shown_consent(&self) -> [ShownSetting; 3] {
        let verdicts = |verdicts: &Vec<Verdict>| {
            let names: Vec<&str> = verdicts.iter().map(|verdict| verdict.name()).collect();
            or_none(Some(names.join(",")).filter(|names| !names.is_empty()))
        };
        let text = |text: &Option<String>| or_none(text.as_deref());
        [
            self.accept.shown("accept", verdicts),
            self.reason.shown("reason", text),
            self.backup_taken.shown("backup-taken", text),
        ]
    }
}

impl<T> Setting<T> {
    pub(super) fn shown(&self, name: &'static str, text: impl FnOnce(&T) -> String) -> ShownSetting {
        ShownSetting { name, value: text(&self.value), source: self.source.clone() }
    }
}

pub(super) fn or_none(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "(none)".to_owned(), |value| value.to_string())
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(options) => formatter.write_str(&options.redacted()),
            Self::Absent => formatter.write_str("(none)"),
        }
    }
}

/// Where a setting may stand, the first that has it first.
pub(super) struct Layers<'a> {
    flags: Values,
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// The tables of the file that apply, the more special first.
    tables: Vec<(String, &'a Values)>,
}

impl<'a> Layers<'a> {
    fn new(
        flags: Values,
        variable: &'a dyn Fn(&str) -> Option<String>,
        file: &'a ConfigFile,
        path: &Path,
        environment: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let mut tables = Vec::new();
        if let Some(name) = environment {
            match file.environments.get(name) {
                Some(values) => tables.push((format!("{} [environments.{name}]", path.display()), values)),
                None if file.environments.is_empty() => {}
                None => {
                    let known = file.environments.keys().cloned().collect::<Vec<_>>().join(", ");
                    let (name, file) = (name.to_owned(), path.display().to_string());
                    return Err(SettingsError::UnknownEnvironment { name, file, known });
                }
            }
        }
        tables.push((format!("{} [defaults]", path.display()), &file.defaults));
        Ok(Self { flags, variable, tables })
    }

    /// A setting by the name it has in the file: `--lock-wait` is its flag, `HARDTACK_LOCK_WAIT` its variable.
    pub(super) fn get<T>(
        &self,
        name: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<T>, SettingsError> {
        let variable = format!("HARDTACK_{}", name.replace('-', "_").to_uppercase());
        let given = pick(self.flags.get(name), &format!("--{name}"), (self.variable)(&variable), &variable);
        let Some(Setting { value, source }) = given.or_else(|| self.in_file(name)) else {
            return Ok(Setting { value: default, source: "default".to_owned() });
        };
        match parse(&value) {
            Ok(parsed) => Ok(Setting { value: parsed, source }),
            Err(reason) => Err(SettingsError::Value { name, value, source_name: source, reason }),
        }
    }

    fn in_file(&self, name: &str) -> Option<Setting<String>> {
        let found = |(source, values): &(String, &Values)| {
            Some(Setting { value: values.get(name)?, source: source.clone() })
        };
        self.tables.iter().find_map(found)
    }
}

/// libpq's variables that say which database is meant; a lone `PGPASSWORD` does not.
const PLACES: [&str; 5] = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"];

fn database(
    args: &CommonArgs,
    layers: &Layers<'_>,
    lookup: &impl Fn(&str) -> Option<String>,
) -> Result<Setting<Database>, SettingsError> {
    let url = pick(args.database_url.clone(), "--database-url", lookup("DATABASE_URL"), "DATABASE_URL")
        .or_else(|| layers.in_file("database-url"));
    if let Some(Setting { value, source }) = url {
        let options = match source.as_str() {
            "--database-url" => on_command_line(&value, lookup)?,
            _ => ConnectOptions::resolve(Some(&value), lookup)?,
        };
        return Ok(Setting { value: Database::Given(Box::new(options)), source });
    }
    if let Some(name) = PLACES.into_iter().find(|name| lookup(name).is_some()) {
        let options = ConnectOptions::resolve(None, lookup)?;
        return Ok(Setting {
            value: Database::Given(Box::new(options)),
            source: format!("{name} and its kin"),
        });
    }
    Ok(Setting { value: Database::Absent, source: "default".to_owned() })
}

/// The patterns for every environment, and those of this one.
fn ignored_drift(
    file: &ConfigFile,
    path: &Path,
    environment: Option<&str>,
) -> Result<Setting<Ignore>, SettingsError> {
    let path = path.display();
    let of_environment = environment.and_then(|name| Some((name, &file.environments.get(name)?.drift)));
    let mut source = vec![format!("{path} [drift]")];
    source.extend(of_environment.map(|(name, _)| format!("[environments.{name}.drift]")));
    let source = source.join(" and ");
    let patterns = of_environment.into_iter().flat_map(|(_, drift)| &drift.ignore);
    let patterns: Vec<&str> = file.drift.ignore.iter().chain(patterns).map(String::as_str).collect();
    if patterns.is_empty() {
        return Ok(Setting { value: Ignore::default(), source: "default".to_owned() });
    }
    match Ignore::new(patterns) {
        Ok(value) => Ok(Setting { value, source }),
        Err(IgnoreError { pattern, reason, .. }) => Err(SettingsError::Value {
            name: "a pattern of drift to ignore",
            value: pattern,
            source_name: source,
            reason: reason.to_owned(),
        }),
    }
}

/// A database that was named on the command line, which everybody on the machine can read.
pub(super) fn on_command_line(
    value: &str,
    lookup: &impl Fn(&str) -> Option<String>,
) -> Result<ConnectOptions, SettingsError> {
    let without = |name: &str| lookup(name).filter(|_| name != "PGPASSWORD");
    if ConnectOptions::resolve(Some(value), without)?.has_password() {
        return Err(SettingsError::PasswordOnCommandLine);
    }
    Ok(ConnectOptions::resolve(Some(value), lookup)?)
}

fn pick(
    flag: Option<String>,
    flag_name: &str,
    variable: Option<String>,
    variable_name: &str,
) -> Option<Setting<String>> {
    let flag = flag.map(|value| Setting { value, source: flag_name.to_owned() });
    flag.or_else(|| variable.map(|value| Setting { value, source: variable_name.to_owned() }))
}

fn optional(setting: Option<Setting<String>>) -> Setting<Option<String>> {
    match setting {
        Some(Setting { value, source }) => Setting { value: Some(value), source },
        None => Setting { value: None, source: "default".to_owned() },
    }
}

fn history_table(text: &str) -> Result<HistoryTable, String> {
    if text.contains('"') {
        return Err(
            "write the names as they are stored, without quotes: public.refinery_schema_history".to_owned()
        );
    }
    let (schema, table) = text.split_once('.').unwrap_or(("public", text));
    HistoryTable::new(schema, table).map_err(|error| error.to_string())
}

/// What an operator says, which is not to be empty.
fn said(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() { Err("write a sentence".to_owned()) } else { Ok(Some(text.to_owned())) }
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    if text == "0" || text == "0s" {
        return Ok(Duration::ZERO);
    }
    hardtack_build::parse_duration(text)
        .ok_or_else(|| "write a number and a unit: 500ms, 5s, 2min".to_owned())
}
