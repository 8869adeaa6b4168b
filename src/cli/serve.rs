use std::net::SocketAddr;

use axum::Router;
use clap::Args;
use futures_util::future::LocalBoxFuture;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::output::remark;
use super::session::{Failure, Session};
use super::{Application, Boot, BootArgs, CommonArgs, ExitCode, PolicyArgs};
use crate::health::{self, Monitor};

pub(super) const EXAMPLES: &str = "Health: /health/live, /health/ready, /health/startup, /health/migrations. They answer from the first moment on, also while revisions are applied.
Metrics: /metrics, in Prometheus's text format.
Admin: /admin, and /admin/api with /admin/api/openapi.json, once it is turned on and there is a token: `hardtack tokens create NAME ROLE`.

Examples:
  hardtack serve
  hardtack serve --on-pending wait --wait-timeout 10min
  hardtack serve --listen 0.0.0.0:8080 --admin --admin-origin https://db.example.com";

/// What `serve` takes.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// Where to listen; any other address than a loopback one is for everybody who reaches it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub policy: PolicyArgs,
    #[cfg(feature = "admin")]
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub admin: super::AdminArgs,
}

/// How many connections the application's pool has at the most.
const CONNECTIONS: usize = 8;

impl Application {
    /// Sees that the schema is right, and serves until a signal stops it: health routes, and what else is turned on. See
    /// [`health::routes`].
    #[must_use = "a future does nothing until it is awaited"]
    pub fn serve<'a>(&'a self, common: &'a CommonArgs, args: &'a ServeArgs) -> LocalBoxFuture<'a, ExitCode> {
        Box::pin(async move {
            let mut served = None;
            let starting = async |session: &Session, monitor: &Monitor| {
                served = Some(Served::begin(session, monitor, args).await?);
                Ok(())
            };
            let boot = BootArgs { migrate_only: false, policy: args.policy, common: common.clone() };
            let application = self.clone().with_graceful_stop();
            let booted = application.booted(&boot, CONNECTIONS, starting).await;
            if let Boot::Ready(ready) = &booted {
                ready.stopped().await;
            }
            if let Some(served) = served {
                served.close().await;
            }
            match booted {
                Boot::Finished(code) => code,
                Boot::Ready(ready) => {
                    ready.close().await;
                    ExitCode::Success
                }
            }
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080".to_owned())
}

/// What is served.
struct Served {
    server: JoinHandle<std::io::Result<()>>,
    #[cfg(feature = "admin")]
    portal: Option<crate::admin::Portal>,
}

impl Served {
    async fn begin(session: &Session, monitor: &Monitor, args: &ServeArgs) -> Result<Self, Failure> {
        let router = Router::new().merge(health::routes(monitor));
        #[cfg(feature = "prometheus")]
        let router = {
            let metrics = crate::metrics::Prometheus::install();
            let metrics = metrics
                .map_err(|error| Failure::new(ExitCode::Failure, format!("record metrics: {error}")))?;
            router.merge(health::metrics_route(monitor, metrics))
        };
        #[cfg(feature = "admin")]
        let portal = args.admin.portal(session, monitor, args.listen)?;
        #[cfg(feature = "admin")]
        let router = portal.iter().fold(router, |router, portal| router.merge(crate::admin::routes(portal)));
        #[cfg(not(feature = "admin"))]
        let _ = session;
        let cannot_listen =
            |error| Failure::new(ExitCode::Failure, format!("listen on {}: {error}", args.listen));
        let listener = TcpListener::bind(args.listen).await.map_err(cannot_listen)?;
        remark(&format!("listening on http://{}", listener.local_addr().map_err(cannot_listen)?));
        #[cfg(all(feature = "systemd", unix))]
        tokio::spawn(monitor.clone().notify_systemd());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        Ok(Self {
            server: tokio::spawn(axum::serve(listener, service).into_future()),
            #[cfg(feature = "admin")]
            portal,
        })
    }

    /// Jobs are still to be watched until they have stopped.
    async fn close(self) {
        #[cfg(feature = "admin")]
        if let Some(portal) = self.portal {
            portal.close().await;
        }
        self.server.abort();
    }
}
