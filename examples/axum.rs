//! A service with axum: it answers health probes from its first moment on, and its own routes once the schema is right.
//!
//! `DATABASE_URL=postgres://.. cargo run --example axum --features axum -- --on-pending apply`

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use clap::Parser;
use hardtack::cli::{Application, Boot, BootArgs};
use hardtack::db::Pool;
use hardtack::health::{self, Monitor};

hardtack::embed!();

const SCHEMA: Application = Application::new(&migrations::REVISIONS).with_graceful_stop();

#[derive(Parser)]
struct App {
    #[command(flatten)]
    boot: BootArgs,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
}

/// There once the schema is right.
type Accounts = Arc<OnceLock<Pool>>;

async fn accounts(State(pool): State<Accounts>) -> Result<String, StatusCode> {
    let client = pool.get().ok_or(StatusCode::SERVICE_UNAVAILABLE)?.get().await;
    let client = client.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let counted = client.query_one("select count(*) from accounts", &[]).await;
    let count: i64 = counted.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.get(0);
    Ok(format!("{count} accounts\n"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<std::process::ExitCode, Box<dyn std::error::Error>> {
    let app = App::parse();
    let listener = tokio::net::TcpListener::bind(&app.listen).await?;
    let pool = Accounts::default();
    let routes = Router::new().route("/accounts", get(accounts)).with_state(Arc::clone(&pool));
    let starting = |monitor: &Monitor| {
        let routes = routes.merge(health::routes(monitor));
        tokio::spawn(async move { axum::serve(listener, routes).await });
    };
    match SCHEMA.boot_with(&app.boot, 8, starting).await {
        Boot::Finished(code) => Ok(code.into()),
        Boot::Ready(ready) => {
            let _ = pool.set(ready.pool().clone());
            ready.stopped().await;
            ready.close().await;
            Ok(std::process::ExitCode::SUCCESS)
        }
    }
}
