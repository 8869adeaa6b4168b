use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::config_file::{ConfigFile, DeployTable};
use super::settings::{Setting, SettingsError, duration, or_none};
use super::shown::ShownSetting;
use super::tables::Tables;
use crate::backup::Strategy;
use crate::engine::deploy::{Probe, ProbeUrl};
use crate::history::WayBack;

/// How a deploy goes: `[deploy]`, and over it, key by key, `[environments.NAME.deploy]`. Flags of the command win over both.
#[derive(Debug)]
pub(super) struct DeploySettings {
    pub(super) backup: Setting<Option<Strategy>>,
    pub(super) on_failure: Setting<WayBack>,
    pub(super) probe: Setting<Option<Probe>>,
    pub(super) probe_timeout: Setting<Duration>,
}

impl DeploySettings {
    pub(super) fn resolve(
        file: &ConfigFile,
        path: &Path,
        environment: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let tables =
            Tables::new((file, path, environment), "deploy", (&file.deploy, |values| &values.deploy));
        Ok(Self {
            backup: tables.get(
                "deploy.backup",
                Some(Strategy::Tables),
                |table| table.backup.as_deref(),
                |text| strategy(text).map_err(|reason| (text.to_owned(), reason)),
            )?,
            on_failure: tables.get(
                "deploy.on-failure",
                WayBack::Stop,
                |table| table.on_failure.as_deref(),
                |text| text.parse().map_err(|reason: &str| (text.to_owned(), reason.to_owned())),
            )?,
            probe: tables.get("deploy.probe-url", None, |table| has_probe(table).then_some(table), probe)?,
            probe_timeout: tables.get(
                "deploy.probe-timeout",
                Duration::from_secs(60),
                |table| table.probe_timeout.as_deref(),
                |text| duration(text).map_err(|reason| (text.to_owned(), reason)),
            )?,
        })
    }

    pub(super) fn shown(&self) -> [ShownSetting; 4] {
        [
            self.backup.shown("deploy.backup", |strategy| strategy.map_or("none", Strategy::name).to_owned()),
            self.on_failure.shown("deploy.on-failure", ToString::to_string),
            self.probe.shown("deploy.probe", |probe| or_none(probe.as_ref())),
            self.probe_timeout.shown("deploy.probe-timeout", |time| format!("{time:?}")),
        ]
    }
}

/// `full`, `tables`, `schema-only`, or `none`.
pub(super) fn strategy(text: &str) -> Result<Option<Strategy>, String> {
    if text == "none" {
        return Ok(None);
    }
    Strategy::from_str(text).map(Some).map_err(|_| "write full, tables, schema-only or none".to_owned())
}

fn has_probe(table: &DeployTable) -> bool {
    table.probe_url.is_some() || table.probe_command.is_some()
}

/// The probe of a table, which takes the place of that of a more general one as a whole.
fn probe(table: &DeployTable) -> Result<Option<Probe>, (String, String)> {
    match (&table.probe_url, &table.probe_command) {
        (Some(url), Some(_)) => {
            Err((url.clone(), "there is a probe-command beside it; set one of them".to_owned()))
        }
        (Some(url), None) => {
            let parsed = url.parse::<ProbeUrl>().map_err(|reason| (url.clone(), reason.to_owned()));
            parsed.map(|url| Some(Probe::Url(url)))
        }
        (None, command) => Ok(command.clone().map(Probe::Command)),
    }
}
