use std::net::SocketAddr;

use axum::Router;
use clap::Args;
use futures_util::future::LocalBoxFuture;
use tokio::net::TcpListener;

use super::output::remark;
use super::{Application, Boot, BootArgs, CommonArgs, ExitCode, PolicyArgs};
use crate::health::{self, Monitor};

pub(super) const EXAMPLES: &str = "Health: /health/live, /health/ready, /health/startup, /health/migrations. They answer from the first moment on, also while revisions are applied.
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
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
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
            match self.listen(common, args).await {
                Ok(code) => code,
                Err((code, message)) => {
                    remark(&format!("error: failed to {message}"));
                    code
                }
            }
        })
    }

    async fn listen(&self, common: &CommonArgs, args: &ServeArgs) -> Result<ExitCode, (ExitCode, String)> {
        #[cfg(feature = "admin")]
        let admin = args.admin.settings(args.listen).map_err(|reason| (ExitCode::Usage, reason))?;
        #[cfg(feature = "prometheus")]
        let metrics = crate::metrics::Prometheus::install()
            .map_err(|error| (ExitCode::Failure, format!("record metrics: {error}")))?;
        let listener = TcpListener::bind(args.listen).await;
        let listener =
            listener.map_err(|error| (ExitCode::Failure, format!("listen on {}: {error}", args.listen)))?;
        if let Ok(address) = listener.local_addr() {
            remark(&format!("listening on http://{address}"));
        }
        #[cfg_attr(
            not(feature = "admin"),
            expect(unused_mut, reason = "nothing is served beside the health routes")
        )]
        let mut served = Served::default();
        let starting = |monitor: &Monitor| {
            #[cfg(all(feature = "systemd", unix))]
            tokio::spawn(monitor.clone().notify_systemd());
            let router = Router::new().merge(health::routes(monitor));
            #[cfg(feature = "prometheus")]
            let router = router.merge(health::metrics_route(metrics));
            #[cfg(feature = "admin")]
            let router = admin.merged(router, monitor, &mut served);
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(axum::serve(listener, service).into_future());
        };
        let boot = BootArgs { migrate_only: false, policy: args.policy, common: common.clone() };
        let application = self.clone().with_graceful_stop();
        match application.boot_with(&boot, CONNECTIONS, starting).await {
            Boot::Finished(code) => Ok(code),
            Boot::Ready(ready) => {
                ready.stopped().await;
                served.close().await;
                ready.close().await;
                Ok(ExitCode::Success)
            }
        }
    }
}

/// What is served beside the health routes.
#[derive(Default)]
pub(super) struct Served {
    #[cfg(feature = "admin")]
    pub(super) portal: Option<crate::admin::Portal>,
}

impl Served {
    async fn close(self) {
        #[cfg(feature = "admin")]
        if let Some(portal) = self.portal {
            portal.close().await;
        }
    }
}
