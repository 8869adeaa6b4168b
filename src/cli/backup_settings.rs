use std::path::PathBuf;
use std::str::FromStr;

use super::session::Failure;
use super::settings::{Layers, Setting, SettingsError, or_none};
use super::shown::ShownSetting;
use crate::backup::{Depth, Identities, Place, Recipients};
use crate::engine::Keep;

/// Where backups are, and what is done with them: in the environment and the file as every other setting, and by the flags of
/// the commands that take one.
#[derive(Debug)]
pub(super) struct BackupSettings {
    pub(super) place: Setting<Place>,
    pub(super) verify: Setting<Option<Depth>>,
    keep: Setting<Option<usize>>,
    keep_days: Setting<Option<u32>>,
    pub(super) recipients: Setting<Recipients>,
    identity: Setting<Option<PathBuf>>,
    pub(super) jobs: Setting<usize>,
}

impl BackupSettings {
    pub(super) fn resolve(layers: &Layers<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            place: layers
                .get("backups", Place::Directory("backups".into()), Place::from_str)
                .map_err(without_secrets)?,
            verify: layers.get("backup-verify", Some(Depth::Quick), depth)?,
            keep: layers.get("backup-keep", None, number)?,
            keep_days: layers.get("backup-keep-days", None, number)?,
            recipients: layers.get("backup-encrypt-to", Recipients::default(), recipients)?,
            identity: layers.get("backup-identity", None, |path| Ok(Some(PathBuf::from(path))))?,
            jobs: layers.get("backup-jobs", 2, jobs)?,
        })
    }

    pub(super) fn keep(&self) -> Keep {
        Keep { newest: self.keep.value, days: self.keep_days.value }
    }

    /// The keys for reading: those of the file that was named, or none.
    pub(super) fn identities(&self) -> Result<Identities, SettingsError> {
        let Some(file) = &self.identity.value else { return Ok(Identities::default()) };
        Identities::read(file).map_err(|error| SettingsError::Value {
            name: "the file of a key",
            value: file.display().to_string(),
            source_name: self.identity.source.clone(),
            reason: error.to_string(),
        })
    }

    pub(super) fn shown(&self) -> [ShownSetting; 7] {
        [
            self.place.shown("backups", ToString::to_string),
            self.verify.shown("backup-verify", |depth| or_none(depth.map(Depth::name))),
            self.keep.shown("backup-keep", |number| or_none(*number)),
            self.keep_days.shown("backup-keep-days", |number| or_none(*number)),
            self.recipients
                .shown("backup-encrypt-to", |keys| or_none((!keys.is_empty()).then(|| format!("{keys:?}")))),
            self.identity.shown("backup-identity", |path| or_none(path.as_ref().map(|path| path.display()))),
            self.jobs.shown("backup-jobs", ToString::to_string),
        ]
    }
}

/// The place that somebody names.
pub(super) fn place(text: &str) -> Result<Place, Failure> {
    let refused =
        |reason| Failure::usage(format!("use {:?} for backups: {reason}", Place::without_secrets(text)));
    text.parse().map_err(refused)
}

fn without_secrets(error: SettingsError) -> SettingsError {
    match error {
        SettingsError::Value { name, value, source_name, reason } => {
            let value = Place::without_secrets(&value);
            SettingsError::Value { name, value, source_name, reason }
        }
        error => error,
    }
}

/// `quick`, `full` or `none`.
pub(super) fn depth(text: &str) -> Result<Option<Depth>, String> {
    if text == "none" {
        return Ok(None);
    }
    Depth::from_str(text).map(Some).map_err(|_| "write quick, full or none".to_owned())
}

/// Public keys, with commas between. An empty one is a mistake, and no wish for a backup that anybody can read.
pub(super) fn recipients(text: &str) -> Result<Recipients, String> {
    Recipients::parse(text.split(',').map(str::trim))
}

fn number<T: FromStr>(text: &str) -> Result<Option<T>, String> {
    text.parse().map(Some).map_err(|_| "write a number".to_owned())
}

pub(super) fn jobs(text: &str) -> Result<usize, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=64).contains(jobs));
    jobs.ok_or_else(|| "write a number from 1 to 64".to_owned())
}
