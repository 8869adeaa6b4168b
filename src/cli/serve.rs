use std::net::SocketAddr;

use clap::Args;
use futures_util::future::LocalBoxFuture;
use tokio::net::TcpListener;

use super::output::remark;
use super::{Application, Boot, BootArgs, CommonArgs, ExitCode, PolicyArgs};
use crate::health::{self, Monitor};

/// What `serve` takes.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Where to listen; any other address than a loopback one is for everybody who reaches it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub policy: PolicyArgs,
}

/// How many connections the application's pool has at the most.
const CONNECTIONS: usize = 8;

impl Application {
    /// Sees that the schema is right, and serves until a signal stops it. The health routes answer from the first moment, also while
    /// revisions are applied: see [`health::routes`].
    #[must_use = "a future does nothing until it is awaited"]
    pub fn serve<'a>(&'a self, common: &'a CommonArgs, args: &'a ServeArgs) -> LocalBoxFuture<'a, ExitCode> {
        Box::pin(async move {
            let listener = match TcpListener::bind(args.listen).await {
                Ok(listener) => listener,
                Err(error) => {
                    remark(&format!("error: failed to listen on {}: {error}", args.listen));
                    return ExitCode::Failure;
                }
            };
            if let Ok(address) = listener.local_addr() {
                remark(&format!("listening on http://{address}"));
            }
            let boot = BootArgs { migrate_only: false, policy: args.policy, common: common.clone() };
            let application = self.clone().with_graceful_stop();
            let starting = |monitor: &Monitor| {
                #[cfg(all(feature = "systemd", unix))]
                tokio::spawn(monitor.clone().notify_systemd());
                tokio::spawn(axum::serve(listener, health::routes(monitor)).into_future());
            };
            match application.boot_with(&boot, CONNECTIONS, starting).await {
                Boot::Finished(code) => code,
                Boot::Ready(ready) => {
                    ready.stopped().await;
                    ready.close().await;
                    ExitCode::Success
                }
            }
        })
    }
}
