//! Jobs, and what they tell.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use utoipa::ToSchema;

use super::extract::Path;
use crate::admin::Portal;
use crate::admin::auth::Action;
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::guard::address;
use crate::admin::job::{Job, JobView};

/// How often a silent stream says that it is there.
const ALIVE: Duration = Duration::from_secs(15);
/// After what time it is asked again whether somebody who watches may.
const AGAIN: Duration = Duration::from_secs(5);

/// An event of a job's stream.
#[derive(Serialize, ToSchema)]
struct JobEvent {
    /// `line` or `job`.
    event: &'static str,
    /// Of a line: its number, for `Last-Event-ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// A `Line` or a `JobView`, as JSON.
    data: String,
}

/// The jobs of this process, the newest first
#[utoipa::path(get, operation_id = "list_jobs", path = "/admin/api/jobs", tag = "jobs", responses((status = 200, body = Vec<JobView>)))]
pub(super) async fn list(State(portal): State<Portal>) -> axum::Json<Vec<JobView>> {
    axum::Json(portal.jobs().list().iter().map(Job::summary).collect())
}

/// One job
#[utoipa::path(get, operation_id = "job", path = "/admin/api/jobs/{id}", tag = "jobs",
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
#[utoipa::path(post, operation_id = "stop_job", path = "/admin/api/jobs/{id}/stop", tag = "jobs",
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
/// `Last-Event-ID`; it ends with the job, or once its sender is not let in any more
#[utoipa::path(get, operation_id = "job_events", path = "/admin/api/jobs/{id}/events", tag = "jobs",
    params(("id" = String, Path, description = "its number"),
        ("last-event-id" = Option<String>, Header, description = "the number of the last line that has come")), responses(
    (status = 200, description = "events until the job ends", content_type = "text/event-stream", body = JobEvent),
    (status = 404, description = "there is no such job", body = FailureBody)))]
pub(super) async fn events(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, Failure> {
    let job = portal.jobs().find(&id)?;
    let place = portal.watch()?;
    let last = request.headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let mut changes = job.changes();
    // What is there already is told at once.
    changes.mark_changed();
    let admitted_at = Instant::now();
    let telling = Telling {
        changes,
        job,
        last: last.unwrap_or_default(),
        has_ended: false,
        portal,
        request,
        admitted_at,
        _place: place,
    };
    let pieces = stream::unfold(telling, async |mut telling| Some((telling.next().await?, telling)));
    let events = futures_util::StreamExt::flat_map(pieces, |piece| {
        stream::iter(piece.into_iter().map(Ok::<_, Infallible>))
    });
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE));
    // An event stream says of itself that it may be kept, as long as it is asked for again.
    Ok(([(CACHE_CONTROL, "no-store")], stream).into_response())
}

/// What somebody who watches has been told.
struct Telling {
    job: Job,
    changes: watch::Receiver<u64>,
    /// The number of the last line.
    last: u64,
    has_ended: bool,
    portal: Portal,
    /// What the door has let in, and lets in again while it lasts.
    request: Parts,
    admitted_at: Instant,
    _place: OwnedSemaphorePermit,
}

impl Telling {
    /// What has come since; none behind the end.
    async fn next(&mut self) -> Option<Vec<Event>> {
        if self.has_ended {
            return None;
        }
        while tokio::time::timeout(AGAIN, self.changes.changed()).await.is_err() {
            self.is_admitted().await.then_some(())?;
        }
        self.is_admitted().await.then_some(())?;
        self.changes.borrow_and_update();
        Some(self.news())
    }

    /// Whether the sender would still be let in. A token that was revoked, or a session that is over, is so for streams too.
    async fn is_admitted(&mut self) -> bool {
        if self.admitted_at.elapsed() < AGAIN {
            return true;
        }
        self.admitted_at = Instant::now();
        let (path, from) = (self.request.uri.path().to_owned(), address(&self.request));
        let asked = (Action::View, Some(&*path));
        self.portal.door().admit_again(&mut self.request, from, asked).await.is_ok()
    }

    fn news(&mut self) -> Vec<Event> {
        let view = self.job.view();
        self.has_ended = view.finished_at.is_some();
        let mut events: Vec<Event> = Vec::new();
        for line in self.job.lines_after(self.last) {
            self.last = line.number;
            events.extend(Event::default().event("line").id(line.number.to_string()).json_data(&line));
        }
        events.extend(Event::default().event("job").json_data(&view));
        events
    }
}
