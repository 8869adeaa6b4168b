//! Locks of open directories. They end with the process, however that ends.

use std::fs::File;
use std::io;

#[cfg(unix)]
use rustix::fs::{FlockOperation, flock};

/// Waits for the lock.
#[cfg(unix)]
pub(super) fn wait(directory: &File) -> io::Result<()> {
    Ok(flock(directory, FlockOperation::LockExclusive)?)
}

/// Takes the lock if nobody has it.
#[cfg(unix)]
pub(super) fn is_free(directory: &File) -> bool {
    flock(directory, FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// There are no such locks here.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same face everywhere")]
pub(super) fn wait(_: &File) -> io::Result<()> {
    Ok(())
}

/// Without locks nothing is known to be left.
#[cfg(not(unix))]
pub(super) fn is_free(_: &File) -> bool {
    false
}
