//! What a disk has left.

use std::path::Path;

/// The bytes that this user may still write there; none where nobody tells.
#[cfg(all(unix, feature = "backup"))]
pub(crate) fn free(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Nothing here asks the system.
#[cfg(not(all(unix, feature = "backup")))]
pub(crate) fn free(_: &Path) -> Option<u64> {
    None
}
