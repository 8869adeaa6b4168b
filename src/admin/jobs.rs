use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::auth::Admission;
use super::failure::Failure;
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
    all: Arc<Mutex<VecDeque<Job>>>,
}

impl Jobs {
    /// Begins work with a migrator that tells the job what happens and that the job can stop. It goes on whoever watches, and the audit gets its end.
    pub(super) fn begin(
        &self,
        (admission, title): (Admission, String),
        migrator: &Migrator,
        work: impl FnOnce(Migrator) -> BoxFuture<'static, Result<Product, Error>>,
    ) -> Result<Job, Failure> {
        let (id, by) = (admission.request().to_owned(), admission.principal().name.clone());
        let job = Job::new(id, admission.action(), title, by);
        {
            let mut all = self.all();
            if all.iter().filter(|job| job.is_running()).count() >= RUNNING {
                let message =
                    format!("{RUNNING} jobs are under way already; wait for one of them, or stop one");
                return Err(Failure::new(StatusCode::CONFLICT, message));
            }
            all.push_back(job.clone());
            while all.len() > KEPT && all.front().is_some_and(|job| !job.is_running()) {
                all.pop_front();
            }
        }
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
        self.all().iter().rev().cloned().collect()
    }

    pub(super) fn find(&self, id: &str) -> Result<Job, Failure> {
        let found = self.all().iter().find(|job| job.id() == id).cloned();
        found.ok_or_else(|| {
            Failure::not_found("there is no job of that number; a process forgets its jobs when it ends")
        })
    }

    /// Asks all to stop, and waits until they have.
    pub(super) async fn close(&self) {
        for job in self.list() {
            job.stop().request();
            let mut changes = job.changes();
            while job.is_running() && changes.changed().await.is_ok() {}
        }
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Job>> {
        // Whoever panicked has pushed whole jobs.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(error: &Error) -> String {
    format!("failed to {error}")
}
