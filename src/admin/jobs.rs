use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::auth::Action;
use super::failure::Failure;
use super::guard::Caller;
use super::job::{Job, JobState};
use super::product::Product;
use crate::engine::{Error, Migrator};
use crate::health::Monitor;
use crate::revisions::StopSignal;

/// How many may run at once. Those that migrate wait for each other by the migration lock.
const RUNNING: usize = 4;

/// How many are kept of those that have ended.
const KEPT: usize = 100;

/// The jobs of this process.
#[derive(Clone, Default)]
pub(super) struct Jobs {
    all: Arc<Mutex<All>>,
}

#[derive(Default)]
struct All {
    jobs: VecDeque<Job>,
    /// Whether the process ends, and begins nothing any more.
    is_closed: bool,
}

impl Jobs {
    /// Begins work with a migrator that tells the job what happens and that the job can stop. It goes on whoever watches, and the audit gets its end. Where
    /// it is not begun, the caller keeps the admission.
    pub(super) fn begin(
        &self,
        (caller, title): (&Caller, String),
        monitor: &Monitor,
        work: impl FnOnce(Migrator) -> BoxFuture<'static, Result<Product, Error>>,
    ) -> Result<Job, Failure> {
        let (job, admission) = {
            let mut all = self.all();
            all.has_room(caller.action())?;
            let gone = || Failure::new(StatusCode::CONFLICT, "this request has begun a job already");
            let admission = caller.take().ok_or_else(gone)?;
            let (number, by) = (admission.request().to_owned(), admission.principal().name.clone());
            let job = Job::new(number, admission.action(), title.clone(), by);
            all.push(job.clone());
            (job, admission)
        };
        let by = format!("{}, request {}", admission.principal().name, job.id());
        tracing::info!(job = job.id(), by = admission.principal().name, "began: {title}");
        let telling = job.clone();
        let migrator = monitor.migrator().clone().on_behalf_of(by);
        let migrator = migrator.with_stop(job.stop().clone()).on_event(move |event| telling.tell(event));
        let work = std::panic::AssertUnwindSafe(work(migrator)).catch_unwind();
        let (ending, monitor) = (job.clone(), monitor.clone());
        tokio::spawn(async move {
            let (state, product, error) = match work.await {
                Ok(Ok(product)) if product.is_stopped() => (JobState::Stopped, product, None),
                Ok(Ok(product)) => (JobState::Succeeded, product, None),
                Ok(Err(error)) if error.is_stop() => {
                    (JobState::Stopped, Product::Nothing, Some(told(&error)))
                }
                Ok(Err(error)) => (JobState::Failed, Product::Nothing, Some(told(&error))),
                Err(_) => (
                    JobState::Failed,
                    Product::Nothing,
                    Some("the work panicked; the log says where".to_owned()),
                ),
            };
            let came_to = product.told().map_or(String::new(), |told| format!(", {told}"));
            let told = format!("{title}: {}{came_to}", state.name());
            match &error {
                Some(error) => {
                    tracing::warn!(job = ending.id(), "ended: {title}: {error}");
                    admission.ended(Err(&format!("{title}: {error}"))).await;
                }
                None => {
                    tracing::info!(job = ending.id(), "ended: {told}");
                    admission.ended(Ok(&told)).await;
                }
            }
            // Whoever asks when it has ended is told of what it left.
            monitor.changed();
            ending.end(state, product, error.clone());
        });
        Ok(job)
    }

    /// The newest first.
    pub(super) fn list(&self) -> Vec<Job> {
        self.all().jobs.iter().rev().cloned().collect()
    }

    pub(super) fn find(&self, id: &str) -> Result<Job, Failure> {
        let found = self.all().jobs.iter().find(|job| job.id() == id).cloned();
        found.ok_or_else(|| {
            Failure::not_found("there is no job of that number; a process forgets its jobs when it ends")
        })
    }

    /// Begins no more, asks all to stop, and waits until they have; they give up where that is asked of the process.
    pub(super) async fn close(&self, process: &StopSignal) {
        self.all().is_closed = true;
        let jobs = self.list();
        let ended = jobs.iter().map(|job| job.stop().end(job.ended(), process));
        futures_util::future::join_all(ended).await;
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // Whoever panicked has pushed whole jobs.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    /// Migrations wait for each other, so a second one would keep a place for nothing.
    fn has_room(&self, action: Option<Action>) -> Result<(), Failure> {
        if self.is_closed {
            return Err(Failure::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "this process ends, and begins nothing",
            ));
        }
        let running = || self.jobs.iter().filter(|job| job.is_running());
        if action.is_some_and(migrates)
            && let Some(job) = running().find(|job| migrates(job.action()))
        {
            let message = format!("the job {} migrates already; wait for its end, or stop it", job.id());
            return Err(Failure::new(StatusCode::CONFLICT, message));
        }
        if running().count() < RUNNING {
            return Ok(());
        }
        let message = format!("{RUNNING} jobs are under way already; wait for one of them, or stop one");
        Err(Failure::new(StatusCode::CONFLICT, message))
    }

    fn push(&mut self, job: Job) {
        self.jobs.push_back(job);
        while self.jobs.len() > KEPT
            && let Some(ended) = self.jobs.iter().position(|job| !job.is_running())
        {
            self.jobs.remove(ended);
        }
    }
}

fn migrates(action: Action) -> bool {
    matches!(action, Action::Upgrade | Action::Downgrade)
}

fn told(error: &Error) -> String {
    format!("failed to {error}")
}
