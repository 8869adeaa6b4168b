use std::net::SocketAddr;

use clap::Args;

use super::backup;
use super::session::{Failure, Session};
use super::settings::{Layers, Setting, SettingsError, boolean, or_none};
use super::shown::ShownSetting;
use crate::admin::Portal;
use crate::admin::auth::{Audit, Credentials, Door, Origins, Tokens, Transport};
use crate::backup::Strategy;
use crate::health::Monitor;

/// The admin API and its page.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Admin")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
#[expect(rustdoc::bare_urls, reason = "these comments are the help text")]
pub struct AdminArgs {
    /// Serve the admin API and its page, for whoever has a token; =false does not [env: HARDTACK_ADMIN]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub admin: Option<bool>,
    /// An address under which browsers reach it, such as https://db.example.com; again for more. Without one, only loopback addresses
    /// [env: HARDTACK_ADMIN_ORIGIN]
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    pub admin_origin: Vec<String>,
    /// The directory, or the URL of an object store, where backups are that are taken there [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, value_name = "DIR")]
    pub backups: Option<String>,
}

/// The same in the environment and the file.
#[derive(Debug)]
pub(super) struct AdminSettings {
    is_on: Setting<bool>,
    origins: Setting<Vec<String>>,
}

impl AdminSettings {
    pub(super) fn resolve(layers: &Layers<'_>) -> Result<Self, SettingsError> {
        let list = |text: &str| Ok(text.split(',').map(|origin| origin.trim().to_owned()).collect());
        Ok(Self {
            is_on: layers.get("admin", false, boolean)?,
            origins: layers.get("admin-origin", Vec::new(), list)?,
        })
    }

    pub(super) fn shown(&self) -> [ShownSetting; 2] {
        let list = |origins: &Vec<String>| or_none((!origins.is_empty()).then(|| origins.join(",")));
        [self.is_on.shown("admin", ToString::to_string), self.origins.shown("admin-origin", list)]
    }
}

impl AdminArgs {
    /// What the API and the page work with; none where they are off.
    pub(super) fn portal(
        &self,
        session: &Session,
        monitor: &Monitor,
        listen: SocketAddr,
    ) -> Result<Option<Portal>, Failure> {
        let settings = &session.settings.admin;
        if !self.admin.unwrap_or(settings.is_on.value) {
            if self.admin_origin.is_empty() {
                return Ok(None);
            }
            return Err(Failure::usage(
                "serve the admin API at --admin-origin: it is off; turn it on with --admin",
            ));
        }
        let origins = if self.admin_origin.is_empty() { &settings.origins.value } else { &self.admin_origin };
        let (origins, transport) = browsers(origins, listen).map_err(Failure::usage)?;
        let migrator = monitor.migrator();
        let tokens = Tokens::new(migrator).map_err(Failure::from_error)?;
        let audit = Audit::new(migrator).map_err(Failure::from_error)?;
        let door = Door::of_tokens(Credentials::new(tokens, transport), origins, audit);
        let backups = backup::configured(session, Strategy::Full, self.backups.as_deref())?;
        Ok(Some(Portal::new(migrator.clone(), monitor.clone(), door).with_backups(backups)))
    }
}

/// From where browsers come. Refuses what would let session cookies out in clear text.
fn browsers(origins: &[String], listen: SocketAddr) -> Result<(Origins, Transport), String> {
    if origins.is_empty() {
        if !listen.ip().is_loopback() {
            return Err(format!(
                "serve the admin API on {}, which is no loopback address: browsers would send their sessions in clear text; \
                 listen on 127.0.0.1, or put a proxy with HTTPS before it and name its address with --admin-origin",
                listen.ip()
            ));
        }
        return Ok((Origins::loopback(), Transport::Loopback));
    }
    if let Some(plain) = origins.iter().find(|origin| !origin.starts_with("https://")) {
        return Err(format!("serve the admin API at {plain}: give an address that begins with https://"));
    }
    let origins = Origins::of(origins.iter().map(String::as_str)).map_err(|error| error.to_string())?;
    Ok((origins, Transport::Https))
}
