use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::config_file::{ConfigFile, ConfigFileError, Values};
use super::{CommonArgs, LogFormat};
use crate::config::{HistoryTable, Role};
use crate::db::{ConnectOptions, OptionsError};
use crate::plan::OutOfOrder;

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
        let lookup = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = args.config.clone().or_else(|| lookup("HARDTACK_CONFIG").map(PathBuf::from));
        let asked_for = path.is_some();
        let path = path.unwrap_or_else(|| PathBuf::from("hardtack.toml"));
        let file = ConfigFile::read(&path, asked_for)?;
        let environment = pick(args.environment.clone(), "--env", lookup("HARDTACK_ENV"), "HARDTACK_ENV");
        let layers = Layers::new(&file, &path, environment.as_ref().map(|setting| setting.value.as_str()))?;
        let layered = |name: &str, flag: Option<String>, of: fn(&Values) -> Option<String>| {
            let variable = format!("HARDTACK_{}", name.to_uppercase().replace('-', "_"));
            let given = pick(flag, &format!("--{name}"), lookup(&variable), &variable);
            given.or_else(|| layers.find(of))
        };
        let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let table = layered("history-table", args.history_table.clone(), |file| file.history_table.clone());
        let role = layered("role", args.role.clone(), |file| file.role.clone());
        let timeout = layered("lock-timeout", args.lock_timeout.clone(), |file| file.lock_timeout.clone());
        let retries = layered("lock-retries", args.lock_retries.map(|retries| retries.to_string()), |file| {
            file.lock_retries.map(|retries| retries.to_string())
        });
        let wait = layered("lock-wait", args.lock_wait.clone(), |file| file.lock_wait.clone());
        let late = layered("out-of-order", args.out_of_order.clone(), |file| file.out_of_order.clone());
        let keep = layered("keep-server", args.keep_server.map(|keep| keep.to_string()), |file| {
            file.keep_server.map(|keep| keep.to_string())
        });
        Ok(Self {
            database: database(args, &layers, &lookup)?,
            history_table: parsed("the history table", table, HistoryTable::default(), history_table)?,
            role: parsed("the role", role, None, |name| {
                Role::new(name).map(Some).map_err(|error| error.to_string())
            })?,
            lock_timeout: parsed("the lock timeout", timeout, Duration::from_secs(5), duration)?,
            lock_retries: parsed("the lock retries", retries, 10, |text| {
                u32::from_str(text).map_err(|_| "write a number, 0 for none".to_owned())
            })?,
            lock_wait: parsed("the lock wait", wait, Duration::from_secs(300), duration)?,
            out_of_order: parsed("--out-of-order", late, OutOfOrder::Reject, |text| {
                OutOfOrder::from_str(text).map_err(str::to_owned)
            })?,
            dir: optional_path(layered("dir", text(&args.dir), |file| file.dir.clone())),
            pg_bin: optional_path(layered("pg-bin", None, |file| file.pg_bin.clone())),
            keep_server: parsed("--keep-server", keep, None, |text| {
                bool::from_str(text).map(Some).map_err(|_| "write true or false".to_owned())
            })?,
            environment: optional(environment),
            log_format: args.log_format.unwrap_or_default(),
        })
    }

    /// What `--show-config` prints.
    pub(super) fn shown(&self) -> Shown {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let none = || "(none)".to_owned();
        Shown(vec![
            ShownSetting::new(
                "env",
                self.environment.value.clone().unwrap_or_else(none),
                &self.environment.source,
            ),
            ShownSetting::new("database", self.database.value.to_string(), &self.database.source),
            ShownSetting::new(
                "history-table",
                self.history_table.value.to_string(),
                &self.history_table.source,
            ),
            ShownSetting::new(
                "role",
                self.role.value.as_ref().map_or_else(none, |role| role.as_str().to_owned()),
                &self.role.source,
            ),
            ShownSetting::new(
                "lock-timeout",
                format!("{:?}", self.lock_timeout.value),
                &self.lock_timeout.source,
            ),
            ShownSetting::new("lock-retries", self.lock_retries.value.to_string(), &self.lock_retries.source),
            ShownSetting::new("lock-wait", format!("{:?}", self.lock_wait.value), &self.lock_wait.source),
            ShownSetting::new("out-of-order", self.out_of_order.value.to_string(), &self.out_of_order.source),
            ShownSetting::new("dir", path(&self.dir.value).unwrap_or_else(none), &self.dir.source),
            ShownSetting::new("pg-bin", path(&self.pg_bin.value).unwrap_or_else(none), &self.pg_bin.source),
            ShownSetting::new(
                "keep-server",
                self.keep_server.value.unwrap_or_default().to_string(),
                &self.keep_server.source,
            ),
        ])
    }
}

/// The configuration as a table of names, values and sources; secrets masked.
#[derive(Debug, Serialize)]
pub(super) struct Shown(Vec<ShownSetting>);

#[derive(Debug, Serialize)]
struct ShownSetting {
    name: &'static str,
    value: String,
    source: String,
}

impl ShownSetting {
    fn new(name: &'static str, value: String, source: &str) -> Self {
        Self { name, value, source: source.to_owned() }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|setting| setting.value.chars().count()).max().unwrap_or_default();
        for ShownSetting { name, value, source } in &self.0 {
            writeln!(formatter, "{name:<14} {value:<width$}  {source}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(options) => formatter.write_str(&options.redacted()),
            Self::Absent => formatter.write_str("(none)"),
        }
    }
}

/// The tables of a configuration file that apply, the more special first.
struct Layers<'a>(Vec<(String, &'a Values)>);

impl<'a> Layers<'a> {
    fn new(file: &'a ConfigFile, path: &Path, environment: Option<&str>) -> Result<Self, SettingsError> {
        let mut layers = Vec::new();
        if let Some(name) = environment {
            match file.environments.get(name) {
                Some(values) => layers.push((format!("{} [environments.{name}]", path.display()), values)),
                None if file.environments.is_empty() => {}
                None => {
                    let known = file.environments.keys().cloned().collect::<Vec<_>>().join(", ");
                    let (name, file) = (name.to_owned(), path.display().to_string());
                    return Err(SettingsError::UnknownEnvironment { name, file, known });
                }
            }
        }
        layers.push((format!("{} [defaults]", path.display()), &file.defaults));
        Ok(Self(layers))
    }

    fn find(&self, of: impl Fn(&Values) -> Option<String>) -> Option<Setting<String>> {
        self.0
            .iter()
            .find_map(|(source, values)| Some(Setting { value: of(values)?, source: source.clone() }))
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
        .or_else(|| layers.find(|values| values.database_url.clone()));
    if let Some(Setting { value, source }) = url {
        let options = ConnectOptions::resolve(Some(&value), lookup)?;
        if source == "--database-url" {
            let without = |name: &str| lookup(name).filter(|_| name != "PGPASSWORD");
            if ConnectOptions::resolve(Some(&value), without)?.has_password() {
                return Err(SettingsError::PasswordOnCommandLine);
            }
        }
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

fn optional_path(setting: Option<Setting<String>>) -> Setting<Option<PathBuf>> {
    let Setting { value, source } = optional(setting);
    Setting { value: value.map(PathBuf::from), source }
}

fn parsed<T>(
    name: &'static str,
    setting: Option<Setting<String>>,
    default: T,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Setting<T>, SettingsError> {
    let Some(Setting { value, source }) = setting else {
        return Ok(Setting { value: default, source: "default".to_owned() });
    };
    match parse(&value) {
        Ok(parsed) => Ok(Setting { value: parsed, source }),
        Err(reason) => Err(SettingsError::Value { name, value, source_name: source, reason }),
    }
}

fn history_table(text: &str) -> Result<HistoryTable, String> {
    let (schema, table) = text.split_once('.').unwrap_or(("public", text));
    HistoryTable::new(schema, table).map_err(|error| error.to_string())
}

fn duration(text: &str) -> Result<Duration, String> {
    if text == "0" || text == "0s" {
        return Ok(Duration::ZERO);
    }
    hardtack_build::parse_duration(text)
        .ok_or_else(|| "write a number and a unit: 500ms, 5s, 2min".to_owned())
}
