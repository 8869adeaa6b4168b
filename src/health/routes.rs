//! The answers as routes of axum.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{Answer, Monitor, Probe};

/// `/health/live`, `/health/ready`, `/health/startup` and `/health/migrations`, to be merged into an application's own router.
///
/// They ask nobody who they are: put them on a port that only the platform reaches. None names an address, a user or a value.
///
/// ```no_run
/// # use hardtack::health::Monitor;
/// # async fn example(monitor: Monitor) -> std::io::Result<()> {
/// let router = axum::Router::new().merge(hardtack::health::routes(&monitor));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, router).await
/// # }
/// ```
pub fn routes<S: Clone + Send + Sync + 'static>(monitor: &Monitor) -> Router<S> {
    Probe::ALL.into_iter().fold(Router::new(), |router, probe| {
        let monitor = monitor.clone();
        router.route(probe.path(), get(move || std::future::ready(monitor.answer(probe))))
    })
}

/// `/metrics`, in Prometheus's text format. It asks nobody who they are either. Where the schema stands is not older there than the
/// scrape before: each has the database asked again, as probes do.
#[cfg(feature = "prometheus")]
pub fn metrics_route<S: Clone + Send + Sync + 'static>(
    monitor: &Monitor,
    metrics: crate::metrics::Prometheus,
) -> Router<S> {
    let (monitor, metrics) = (monitor.clone(), std::sync::Arc::new(metrics));
    let render = move || {
        monitor.look_if_stale();
        let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        std::future::ready((headers, metrics.render()))
    };
    Router::new().route("/metrics", get(render))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        (status, headers, self.body).into_response()
    }
}
