//! Work that blocks, beside the runtime.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells work that somebody still waits for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(Arc<AtomicBool>);

#[cfg(feature = "object-store")]
std::thread_local! {
    /// Of the work that this thread does.
    static OF_THREAD: std::cell::RefCell<Wanted> = std::cell::RefCell::default();
}

/// Gives the sign when it is dropped.
struct Waiting(Wanted);

impl Wanted {
    /// Whether somebody waits.
    pub(crate) fn is_still(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    /// That of the work which this thread does, for what waits too deep in it to be told.
    #[cfg(feature = "object-store")]
    pub(crate) fn of_thread() -> Self {
        OF_THREAD.with_borrow(Self::clone)
    }

    /// The same as an error of work that is in vain.
    #[cfg(feature = "backup")]
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.is_still() { Ok(()) } else { Err(io::Error::other("nobody waits for it any more")) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Runs work on a thread of its own. When this future is dropped, the work is told and shall end by itself.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&Wanted) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let waiting = Waiting(Wanted::default());
    let wanted = waiting.0.clone();
    let done = tokio::task::spawn_blocking(move || {
        #[cfg(feature = "object-store")]
        OF_THREAD.set(wanted.clone());
        work(&wanted)
    })
    .await;
    drop(waiting);
    done.map_err(io::Error::other)?
}
