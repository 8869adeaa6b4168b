//! Jobs, and what they tell.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, stream};
use tokio::sync::watch;

use crate::admin::Portal;
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::job::{Job, JobView};

/// How often a silent stream says that it is there.
const ALIVE: Duration = Duration::from_secs(15);

/// The jobs of this process, the newest first
#[utoipa::path(get, path = "/admin/api/jobs", tag = "jobs", responses((status = 200, body = Vec<JobView>)))]
pub(super) async fn list(State(portal): State<Portal>) -> axum::Json<Vec<JobView>> {
    axum::Json(portal.jobs().list().iter().map(Job::view).collect())
}

/// One job
#[utoipa::path(get, path = "/admin/api/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "its number")), responses(
    (status = 200, body = JobView),
    (status = 404, description = "there is no such job", body = FailureBody)))]
pub(super) async fn one(
    State(portal): State<Portal>,
    Path(id): Path<String>,
) -> Result<axum::Json<JobView>, Failure> {
    Ok(axum::Json(portal.jobs().find(&id)?.view()))
}

/// Ask a job to stop at its next safe point
#[utoipa::path(post, path = "/admin/api/jobs/{id}/stop", tag = "jobs",
    params(("id" = String, Path, description = "its number")), responses(
    (status = 202, description = "it was asked", body = JobView),
    (status = 404, description = "there is no such job", body = FailureBody)))]
pub(super) async fn stop(
    State(portal): State<Portal>,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<JobView>), Failure> {
    let job = portal.jobs().find(&id)?;
    job.stop().request();
    Ok((StatusCode::ACCEPTED, axum::Json(job.view())))
}

/// What a job tells, as server-sent events: `line` with a line of its log, `job` with the job whenever it has changed. A stream that broke is taken up behind its
/// `Last-Event-ID`; it ends with the job
#[utoipa::path(get, path = "/admin/api/jobs/{id}/events", tag = "jobs",
    params(("id" = String, Path, description = "its number")), responses(
    (status = 200, description = "events until the job ends", content_type = "text/event-stream", body = String),
    (status = 404, description = "there is no such job", body = FailureBody)))]
pub(super) async fn events(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let job = portal.jobs().find(&id)?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or_default();
    let mut changes = job.changes();
    // What is there already is told at once.
    changes.mark_changed();
    let told = Telling { changes, job, last, has_ended: false };
    let pieces = stream::unfold(told, async |mut told| Some((told.next().await?, told)));
    let events = futures_util::StreamExt::flat_map(pieces, |piece| stream::iter(piece.into_iter().map(Ok)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// What somebody who watches has been told.
struct Telling {
    job: Job,
    changes: watch::Receiver<u64>,
    /// The number of the last line.
    last: u64,
    has_ended: bool,
}

impl Telling {
    /// What has come since; none behind the end.
    async fn next(&mut self) -> Option<Vec<Event>> {
        if self.has_ended {
            return None;
        }
        let _ = tokio::time::timeout(ALIVE, self.changes.changed()).await;
        let view = self.job.view();
        self.has_ended = view.finished_at.is_some();
        let lines = self.job.lines_after(self.last);
        let mut events: Vec<Event> = Vec::new();
        for line in lines {
            self.last = line.number;
            events.extend(Event::default().event("line").id(line.number.to_string()).json_data(&line));
        }
        events.extend(Event::default().event("job").json_data(&view));
        Some(events)
    }
}
