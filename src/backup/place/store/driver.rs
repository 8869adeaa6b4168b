use std::future::Future;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use object_store::Error;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::db::Wanted;

/// How often whoever waits looks whether somebody wants it.
const LOOK: Duration = Duration::from_millis(100);

/// Where a cloud's machine tells its credentials.
const METADATA: &str = "169.254.169.254";

const CREDENTIALS: &str = "credentials are taken from the environment: AWS_*, GOOGLE_* or AZURE_*";

/// A thread that asks a store, for threads that wait. The program's own runtime may be one whose only thread waits here, or be
/// ending while what is left of a backup is still to be removed.
pub(super) struct Driver {
    handle: Handle,
    /// The thread ends when this is dropped.
    _wanted: oneshot::Sender<()>,
}

impl Driver {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (sender, receiver) = oneshot::channel();
        let drive = move || {
            let _ = runtime.block_on(receiver);
        };
        thread::Builder::new().name("hardtack-store".to_owned()).spawn(drive)?;
        Ok(Self { handle, _wanted: sender })
    }

    /// Does the work and waits for it, for as long as somebody wants what this thread does. It may be called within a runtime,
    /// which then waits too.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> io::Result<T> {
        self.wait_while(&Wanted::of_thread(), work)
    }

    /// Does the work, and waits for it no longer than that.
    pub(super) fn wait_for<T: Send + 'static>(
        &self,
        longest: Duration,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> io::Result<T> {
        let work = async move { Ok(tokio::time::timeout(longest, work).await) };
        match self.wait_while(&Wanted::default(), work)? {
            Ok(done) => done.map_err(of_store),
            Err(_) => Err(io::Error::other(format!("no answer within {} s", longest.as_secs()))),
        }
    }

    fn wait_while<T: Send + 'static>(
        &self,
        wanted: &Wanted,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let task = self.handle.spawn(async move {
            let _ = sender.send(work.await);
        });
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(done) => return done.map_err(of_store),
                Err(error @ RecvTimeoutError::Disconnected) => return Err(io::Error::other(error)),
                // A store that does not answer is asked again for minutes.
                Err(RecvTimeoutError::Timeout) => wanted.check().inspect_err(|_| task.abort())?,
            }
        }
    }

    /// Does the work, and waits for nothing.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }
}

/// What a store said, as an error of the system.
#[expect(clippy::needless_pass_by_value, reason = "it is given by value where errors are changed")]
pub(super) fn of_store(error: Error) -> io::Error {
    let text = with_cause(&error);
    match error {
        Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, text),
        // Without any, a cloud's machine is asked for some.
        _ if text.contains(METADATA) => io::Error::other(format!("{text}; {CREDENTIALS}")),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::Error::other(format!("{text}; {CREDENTIALS}"))
        }
        _ => io::Error::other(text),
    }
}

/// What an error says on one line, and at the end of it what the first cause says: a request fails, and why is four causes further.
fn with_cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let (text, cause) = (error.to_string(), cause.to_string());
    let text = if text.contains(&cause) { text } else { format!("{text}: {cause}") };
    text.replace('\n', " ")
}
