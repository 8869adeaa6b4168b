use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::failure::Failure;
use super::guard::Caller;
use super::job::{Job, JobState};
use super::product::Product;
use crate::engine::{Error, Migrator};

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
        migrator: &Migrator,
        work: impl FnOnce(Migrator) -> BoxFuture<'static, Result<Product, Error>>,
    ) -> Result<Job, Failure> {
        let (job, admission) = {
            let mut all = self.all();
            all.has_room()?;
            let gone = || Failure::new(StatusCode::CONFLICT, "this request has begun a job already");
            let admission = caller.take().ok_or_else(gone)?;
            let (number, by) = (admission.request().to_owned(), admission.principal().name.clone());
            let job = Job::new(number, admission.action(), title, by);
            all.push(job.clone());
            (job, admission)
        };
        let telling = job.clone();
        let migrator =
            migrator.clone().with_stop(job.stop().clone()).on_event(move |event| telling.tell(event));
        let work = std::panic::AssertUnwindSafe(work(migrator)).catch_unwind();
        let ending = job.clone();
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
            let ended = match &error {
                Some(error) => Err(error.as_str()),
                None => Ok(state.name()),
            };
            admission.ended(ended).await;
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

    /// Begins no more, asks all to stop, and waits until they have.
    pub(super) async fn close(&self) {
        self.all().is_closed = true;
        for job in self.list() {
            job.stop().request();
            let mut changes = job.changes();
            while job.is_running() && changes.changed().await.is_ok() {}
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // Whoever panicked has pushed whole jobs.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn has_room(&self) -> Result<(), Failure> {
        if self.is_closed {
            return Err(Failure::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "this process ends, and begins nothing",
            ));
        }
        if self.jobs.iter().filter(|job| job.is_running()).count() < RUNNING {
            return Ok(());
        }
        let message = format!("{RUNNING} jobs are under way already; wait for one of them, or stop one");
        Err(Failure::new(StatusCode::CONFLICT, message))
    }

    fn push(&mut self, job: Job) {
        self.jobs.push_back(job);
        while self.jobs.len() > KEPT && self.jobs.front().is_some_and(|job| !job.is_running()) {
            self.jobs.pop_front();
        }
    }
}

fn told(error: &Error) -> String {
    format!("failed to {error}")
}
