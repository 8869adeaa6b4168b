use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::pulse::Pulse;

/// How often is looked how far a program has come.
const LOOK: Duration = Duration::from_millis(200);

/// Is told which table a program begins.
pub(super) type Told = Box<dyn Fn(&str) + Send>;

/// Bytes of tables that a program has begun; those of the newest are perhaps not done.
#[derive(Default)]
struct Begun {
    under_way: Mutex<VecDeque<u64>>,
    done: AtomicU64,
}

impl Begun {
    fn add(&self, bytes: u64, jobs: usize) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.push_back(bytes);
        if under_way.len() > jobs {
            self.done.fetch_add(under_way.pop_front().unwrap_or_default(), Ordering::Relaxed);
        }
    }

    fn take(&self) -> u64 {
        self.done.swap(0, Ordering::Relaxed)
    }
}

/// Runs a program that says which table it begins, so many at once, and tells how far it has come by the tables' sizes.
pub(super) async fn watched<T, F: Future<Output = T>>(
    pulse: &Pulse<'_>,
    sizes: HashMap<String, u64>,
    jobs: usize,
    program: impl FnOnce(Told) -> F,
) -> T {
    let begun = Arc::new(Begun::default());
    let told = {
        let begun = Arc::clone(&begun);
        move |table: &str| begun.add(sizes.get(table).copied().unwrap_or_default(), jobs)
    };
    let watching = async {
        loop {
            tokio::time::sleep(LOOK).await;
            pulse.add(begun.take());
        }
    };
    let running = std::pin::pin!(program(Box::new(told)));
    let watching = std::pin::pin!(watching);
    match futures_util::future::select(running, watching).await {
        futures_util::future::Either::Left((done, _)) => done,
        futures_util::future::Either::Right((never, _)) => never,
    }
}
