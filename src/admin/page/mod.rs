//! The page. The server renders it, and it works without a script: forms are sent, and answered by another page. What the script adds is the stream of
//! a job's events, and that a page at work is looked at again by itself.

mod assets;
mod audit;
mod backfills;
mod backups;
mod confirm;
mod drift;
mod enter;
mod form;
mod frame;
mod job;
mod jobs;
mod plan;
mod product;
mod revision;
mod runs;
mod sql;
mod timeline;
mod tokens;
mod visitor;
mod words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{any, get, post};

use super::Portal;
use super::auth::Action;
use super::failure::Failure;
use super::guard::guarded;

/// What a route answers with; a failure becomes a page as well.
type Answer = Result<Response, Failure>;

pub(super) fn router(portal: &Portal) -> Router<Portal> {
    let guarded = |action, routes| guarded(portal, action, routes);
    Router::new()
        .route("/admin", guarded(Action::View, get(timeline::show)))
        .route("/admin/", get(async || form::to("/admin")))
        .route("/admin/login", get(enter::show).post(enter::log_in))
        .route("/admin/logout", post(enter::log_out))
        .route("/admin/revisions/{version}", guarded(Action::View, get(revision::show)))
        .route("/admin/plan", guarded(Action::View, get(plan::show)))
        .route("/admin/plan/confirm", guarded(Action::View, get(confirm::show)))
        .route("/admin/rehearse", guarded(Action::DryRun, post(plan::rehearse)))
        .route("/admin/upgrade", guarded(Action::Upgrade, post(confirm::upgrade)))
        .route("/admin/downgrade", guarded(Action::Downgrade, post(confirm::downgrade)))
        .route("/admin/jobs", guarded(Action::View, get(jobs::show)))
        .route("/admin/jobs/{id}", guarded(Action::View, get(job::show)))
        .route("/admin/jobs/{id}/stop", guarded(Action::StopJob, post(job::stop)))
        .route("/admin/runs", guarded(Action::View, get(runs::show)))
        .route("/admin/backfills", guarded(Action::View, get(backfills::show)))
        .route("/admin/backfills/{name}/steer", guarded(Action::SteerBackfill, post(backfills::steer)))
        .route("/admin/backfills/{name}/cancel", guarded(Action::CancelBackfill, post(backfills::cancel)))
        .merge(more(portal))
        .route("/admin/{*rest}", guarded(Action::View, any(nothing)))
        .layer(from_fn_with_state(portal.clone(), visitor::around))
        // What the API lacks is no page.
        .route("/admin/api", any(nothing))
        .route("/admin/api/{*rest}", any(nothing))
        .route("/admin/style.css", get(assets::style))
        .route("/admin/page.js", get(assets::script))
}

fn more(portal: &Portal) -> Router<Portal> {
    let guarded = |action, routes| guarded(portal, action, routes);
    Router::new()
        .route(
            "/admin/drift",
            guarded(Action::View, get(drift::show)).merge(guarded(Action::Drift, post(drift::compare))),
        )
        .route(
            "/admin/backups",
            guarded(Action::View, get(backups::show)).merge(guarded(Action::Backup, post(backups::take))),
        )
        .route("/admin/backups/{name}/verify", guarded(Action::VerifyBackup, post(backups::verify)))
        .route("/admin/audit", guarded(Action::ViewAudit, get(audit::show)))
        .route(
            "/admin/tokens",
            guarded(Action::ViewTokens, get(tokens::show))
                .merge(guarded(Action::ManageTokens, post(tokens::make))),
        )
        .route("/admin/tokens/{name}/revoke", guarded(Action::ManageTokens, post(tokens::revoke)))
}

async fn nothing() -> Failure {
    Failure::not_found("there is nothing at this address")
}
