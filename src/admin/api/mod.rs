//! The API. Each route stands here with the action that it is.

pub(super) mod access;
pub(super) mod backfills;
pub(super) mod backups;
mod described;
pub(super) mod extract;
mod jobs;
pub(super) mod read;
pub(super) mod work;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use super::Portal;
use super::auth::Action;
use super::failure::Failure;
use super::guard::guarded;

pub use described::openapi;

pub(super) fn router(portal: &Portal) -> Router<Portal> {
    let guarded = |action, routes| guarded(portal, action, routes);
    Router::new()
        .route("/openapi.json", guarded(Action::View, get(described::description)))
        .route("/status", guarded(Action::View, get(read::status)))
        .route("/revisions", guarded(Action::View, get(read::revisions)))
        .route("/revisions/{version}", guarded(Action::View, get(read::revision)))
        .route("/plan", guarded(Action::View, get(read::plan)))
        .route("/runs", guarded(Action::View, get(read::runs)))
        .route("/dry-run", guarded(Action::DryRun, post(work::dry_run)))
        .route("/drift", guarded(Action::Drift, post(work::drift)))
        .route("/upgrade", guarded(Action::Upgrade, post(work::upgrade)))
        .route("/downgrade", guarded(Action::Downgrade, post(work::downgrade)))
        .route("/jobs", guarded(Action::View, get(jobs::list)))
        .route("/jobs/{id}", guarded(Action::View, get(jobs::one)))
        .route("/jobs/{id}/events", guarded(Action::View, get(jobs::events)))
        .route("/jobs/{id}/stop", guarded(Action::StopJob, post(jobs::stop)))
        .route("/backfills", guarded(Action::View, get(backfills::list)))
        .route("/backfills/{name}/pause", guarded(Action::SteerBackfill, post(backfills::pause)))
        .route("/backfills/{name}/resume", guarded(Action::SteerBackfill, post(backfills::resume)))
        .route("/backfills/{name}/retry", guarded(Action::SteerBackfill, post(backfills::retry)))
        .route("/backfills/{name}/cancel", guarded(Action::CancelBackfill, post(backfills::cancel)))
        .route(
            "/backups",
            guarded(Action::View, get(backups::list)).merge(guarded(Action::Backup, post(backups::take))),
        )
        .route("/backups/{name}/verify", guarded(Action::VerifyBackup, post(backups::verify)))
        .route("/audit", guarded(Action::ViewAudit, get(access::audit)))
        .route(
            "/tokens",
            guarded(Action::ViewTokens, get(access::tokens))
                .merge(guarded(Action::ManageTokens, post(access::make_token))),
        )
        .route("/tokens/{name}", guarded(Action::ManageTokens, delete(access::revoke_token)))
        .route("/session", guarded(Action::View, get(read::who)).post(access::log_in).delete(access::log_out))
        .fallback(async || Failure::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, "this address takes another method")
        })
}
