use std::net::SocketAddr;

use axum::Router;
use clap::Args;

use super::output::remark;
use super::serve::Served;
use crate::admin::auth::{Audit, Credentials, Door, Origins, Tokens, Transport};
use crate::admin::{self, Portal};
use crate::backup::Place;
use crate::health::Monitor;

/// The admin API and its page.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Admin")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
#[expect(rustdoc::bare_urls, reason = "these comments are the help text")]
pub struct AdminArgs {
    /// Serve the admin API and its page, for whoever has a token [env: HARDTACK_ADMIN]
    #[arg(long, env = "HARDTACK_ADMIN", hide_env = true)]
    pub admin: bool,
    /// An address under which browsers reach it, such as https://db.example.com; again for more. Without one, only loopback addresses
    /// [env: HARDTACK_ADMIN_ORIGIN]
    #[arg(long, value_name = "URL", env = "HARDTACK_ADMIN_ORIGIN", hide_env = true, value_delimiter = ',')]
    pub admin_origin: Vec<String>,
    /// Where backups are that are taken there [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, value_name = "DIR", env = "HARDTACK_BACKUPS", hide_env = true)]
    pub backups: Option<Place>,
}

/// How it is served; none where it is not.
pub(super) struct AdminSettings {
    /// None where the admin API is off.
    browsers: Option<(Origins, Transport)>,
    backups: Option<Place>,
}

impl AdminArgs {
    /// Refuses what would let session cookies out in clear text.
    pub(super) fn settings(&self, listen: SocketAddr) -> Result<AdminSettings, String> {
        let backups = self.backups.clone();
        if !self.admin {
            return Ok(AdminSettings { browsers: None, backups });
        }
        if self.admin_origin.is_empty() {
            if !listen.ip().is_loopback() {
                return Err(format!(
                    "serve the admin API on {}, which is no loopback address: browsers would send their sessions in clear text; \
                     listen on 127.0.0.1, or put a proxy with HTTPS before it and name its address with --admin-origin",
                    listen.ip()
                ));
            }
            return Ok(AdminSettings { browsers: Some((Origins::loopback(), Transport::Loopback)), backups });
        }
        if let Some(plain) = self.admin_origin.iter().find(|origin| !origin.starts_with("https://")) {
            return Err(format!("serve the admin API at {plain}: give an address that begins with https://"));
        }
        let origins = Origins::of(self.admin_origin.iter().map(String::as_str));
        let origins = origins.map_err(|error| error.to_string())?;
        Ok(AdminSettings { browsers: Some((origins, Transport::Https)), backups })
    }
}

impl AdminSettings {
    /// The router with the admin API and its page, where they are on.
    pub(super) fn merged(self, router: Router, monitor: &Monitor, served: &mut Served) -> Router {
        let Some((origins, transport)) = self.browsers else { return router };
        let migrator = monitor.migrator();
        let made = Tokens::new(migrator).and_then(|tokens| Ok((tokens, Audit::new(migrator)?)));
        let (tokens, audit) = match made {
            Ok(made) => made,
            Err(error) => {
                remark(&format!("error: failed to serve the admin API: {error}"));
                return router;
            }
        };
        let door = Door::of_tokens(Credentials::new(tokens, transport), origins, audit);
        let portal = Portal::new(migrator.clone(), monitor.clone(), door);
        let portal = self.backups.into_iter().fold(portal, Portal::with_backups);
        let routes = admin::routes(&portal);
        served.portal = Some(portal);
        router.merge(routes)
    }
}
