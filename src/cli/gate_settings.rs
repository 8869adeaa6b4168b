use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::config_file::ConfigFile;
use super::settings::{Setting, SettingsError};
use super::shown::ShownSetting;
use super::tables::Tables;
use crate::safety::{Gates, Verdict, Window, age, parse_age};

/// The gates in force: `[gates]`, and over it, key by key, `[environments.NAME.gates]`.
///
/// They stand in a table of their own, as `[drift]` does, because they are not for the command line: whoever runs a command
/// satisfies a gate, and whoever reviews the file moves it.
#[derive(Debug)]
pub(super) struct GateSettings {
    accept: Setting<Vec<Verdict>>,
    rehearsal_within: Setting<Option<Duration>>,
    backup_within: Setting<Option<Duration>>,
    stop_on_drift: Setting<bool>,
    windows: Setting<Vec<Window>>,
}

impl GateSettings {
    pub(super) fn resolve(
        file: &ConfigFile,
        path: &Path,
        environment: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let tables = Tables::new((file, path, environment), "gates", (&file.gates, |values| &values.gates));
        Ok(Self {
            accept: tables.get(
                "gates.accept",
                Vec::new(),
                |table| table.accept.as_ref(),
                |list| verdicts(list),
            )?,
            rehearsal_within: tables.get(
                "gates.rehearsal-within",
                None,
                |table| table.rehearsal_within.as_deref(),
                within,
            )?,
            backup_within: tables.get(
                "gates.backup-within",
                None,
                |table| table.backup_within.as_deref(),
                within,
            )?,
            stop_on_drift: tables.get("gates.drift", false, |table| table.drift.as_deref(), stops)?,
            windows: tables.get(
                "gates.windows",
                Vec::new(),
                |table| table.windows.as_ref(),
                |list| windows(list),
            )?,
        })
    }

    pub(super) fn gates(&self) -> Gates {
        Gates {
            accept: self.accept.value.clone(),
            rehearsal_within: self.rehearsal_within.value,
            backup_within: self.backup_within.value,
            stop_on_drift: self.stop_on_drift.value,
            windows: self.windows.value.clone(),
        }
    }

    pub(super) fn shown(&self) -> [ShownSetting; 5] {
        let list = |texts: Vec<String>| if texts.is_empty() { "(none)".to_owned() } else { texts.join(", ") };
        let within = |within: &Option<Duration>| within.map_or("(none)".to_owned(), age);
        [
            self.accept.shown("gates.accept", |verdicts| {
                list(verdicts.iter().map(|verdict| verdict.name().to_owned()).collect())
            }),
            self.rehearsal_within.shown("gates.rehearsal-within", within),
            self.backup_within.shown("gates.backup-within", within),
            self.stop_on_drift
                .shown("gates.drift", |stops| if *stops { "stop" } else { "ignore" }.to_owned()),
            self.windows
                .shown("gates.windows", |windows| list(windows.iter().map(ToString::to_string).collect())),
        ]
    }
}

/// A list of verdicts, with commas between, as `--accept` takes it.
pub(super) fn verdict_list(text: &str) -> Result<Vec<Verdict>, String> {
    text.split(',').map(|name| Verdict::from_str(name.trim())).collect()
}

fn verdicts(list: &[String]) -> Result<Vec<Verdict>, (String, String)> {
    each(list, Verdict::from_str)
}

fn windows(list: &[String]) -> Result<Vec<Window>, (String, String)> {
    each(list, Window::from_str)
}

fn each<T>(list: &[String], parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, (String, String)> {
    list.iter().map(|text| parse(text).map_err(|reason| (text.clone(), reason))).collect()
}

/// `0` takes back what `[gates]` wants.
fn within(text: &str) -> Result<Option<Duration>, (String, String)> {
    if text == "0" {
        return Ok(None);
    }
    parse_age(text).map(Some).map_err(|reason| (text.to_owned(), reason))
}

fn stops(text: &str) -> Result<bool, (String, String)> {
    match text {
        "stop" => Ok(true),
        "ignore" => Ok(false),
        _ => Err((text.to_owned(), "write stop or ignore".to_owned())),
    }
}
