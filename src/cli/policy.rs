use std::time::Duration;

use clap::Args;

use super::settings::{Layers, Setting, SettingsError, duration, or_none};
use super::shown::ShownSetting;
use crate::health::{BootPolicy, OnAhead, OnPending};

/// What an application does at startup about its schema.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
#[command(next_help_heading = "Startup")]
pub struct PolicyArgs {
    /// What to do about revisions that are not applied: apply, wait, fail, warn or ignore
    /// [env: HARDTACK_ON_PENDING] [default: apply]
    #[arg(long, value_name = "POLICY")]
    pub on_pending: Option<OnPending>,
    /// What to do about a schema that is newer than this program: compatible starts where its revisions say that this
    /// program works behind them; fail; ignore [env: HARDTACK_ON_AHEAD] [default: compatible]
    #[arg(long, value_name = "POLICY")]
    pub on_ahead: Option<OnAhead>,
    /// The longest wait for a database that is not up yet, and for another process that migrates, such as 10min
    /// [env: HARDTACK_WAIT_TIMEOUT] [default: that of --lock-wait]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait_timeout: Option<Duration>,
}

/// The same in the environment and the file.
#[derive(Debug)]
pub(super) struct PolicySettings {
    on_pending: Setting<OnPending>,
    on_ahead: Setting<OnAhead>,
    wait_timeout: Setting<Option<Duration>>,
}

impl PolicySettings {
    pub(super) fn resolve(layers: &Layers<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            on_pending: layers
                .get("on-pending", OnPending::Apply, |text| text.parse().map_err(str::to_owned))?,
            on_ahead: layers
                .get("on-ahead", OnAhead::Compatible, |text| text.parse().map_err(str::to_owned))?,
            wait_timeout: layers.get("wait-timeout", None, |text| duration(text).map(Some))?,
        })
    }

    /// With what the command line says.
    pub(super) fn policy(&self, args: &PolicyArgs) -> BootPolicy {
        BootPolicy {
            on_pending: args.on_pending.unwrap_or(self.on_pending.value),
            on_ahead: args.on_ahead.unwrap_or(self.on_ahead.value),
            wait_timeout: args.wait_timeout.or(self.wait_timeout.value),
        }
    }

    pub(super) fn shown(&self) -> [ShownSetting; 3] {
        [
            self.on_pending.shown("on-pending", ToString::to_string),
            self.on_ahead.shown("on-ahead", ToString::to_string),
            self.wait_timeout.shown("wait-timeout", |time| or_none(time.map(|time| format!("{time:?}")))),
        ]
    }
}
