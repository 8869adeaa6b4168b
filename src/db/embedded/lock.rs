//! Who uses a home, across processes: starting and stopping exclude each other, using is shared.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::db::embedded::error::{Doing, EmbeddedError};

/// One process's share in a home. The kernel takes its locks back when the process dies, however it dies.
#[derive(Debug)]
pub(in crate::db) struct HomeLock {
    path: PathBuf,
    users: File,
}

/// Held while a server is started or stopped.
#[derive(Debug)]
pub(super) struct Changing(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// Longer than a slow `initdb` of another process.
const PATIENCE: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(10);

impl HomeLock {
    /// Takes a share, and the right to start the server.
    pub(super) async fn enter(home: &Path) -> Result<(Self, Changing), EmbeddedError> {
        let deadline = Deadline::new();
        let changing = loop {
            if let Some(changing) = Changing::try_take(home)? {
                break changing;
            }
            deadline.check(home)?;
            tokio::time::sleep(PAUSE).await;
        };
        let users = open(&home.join("users.lock"))?;
        // Only a leaver holds this exclusively, and leaving needs the right we hold.
        users.lock_shared().doing("lock", home.join("users.lock"))?;
        Ok((Self { path: home.to_owned(), users }, changing))
    }

    pub(super) fn home(&self) -> &Path {
        &self.path
    }

    /// Gives the share back. Returns the right to stop the server when nobody else uses the home.
    pub(super) fn leave(self) -> Result<Option<Changing>, EmbeddedError> {
        let deadline = Deadline::new();
        let changing = loop {
            if let Some(changing) = Changing::try_take(&self.path)? {
                break changing;
            }
            deadline.check(&self.path)?;
            std::thread::sleep(PAUSE);
        };
        self.users.unlock().doing("unlock", &self.path)?;
        Ok(try_lock(&self.users, &self.path)?.then_some(changing))
    }
}

impl Changing {
    fn try_take(home: &Path) -> Result<Option<Self>, EmbeddedError> {
        let path = home.join("start.lock");
        let file = open(&path)?;
        Ok(try_lock(&file, &path)?.then_some(Self(file)))
    }
}

struct Deadline(Instant);

impl Deadline {
    fn new() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    fn check(&self, home: &Path) -> Result<(), EmbeddedError> {
        if Instant::now() < self.0 {
            return Ok(());
        }
        let what = format!("another process that starts or stops the server of {}", home.display());
        Err(EmbeddedError::TimedOut { what, seconds: PATIENCE.as_secs() })
    }
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).doing("open", path)
}

fn try_lock(file: &File, path: &Path) -> Result<bool, EmbeddedError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).doing("lock", path),
    }
}
