use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

/// What the names of the folders begin with.
const PREFIX: &str = "hardtack-backup-";

/// How old a folder is at least that somebody has left: a new one may not be locked yet.
const OLD: Duration = Duration::from_secs(60);

/// A folder for files on their way, in the system's temporary directory. It goes with the process, or, where that is killed,
/// with the next one of the same user that [looks](remove_left).
pub(super) struct Temporary {
    folder: TempDir,
    _lock: File,
}

impl Temporary {
    /// Makes one, for its owner alone.
    pub(super) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = File::open(folder.path())?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what killed processes have left: rows as they are, of whole databases perhaps, so whoever takes a backup or reads one
/// looks. What cannot be looked at, or removed, is another user's.
pub(super) fn remove_left() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && is_left(&entry.path()) && fs::remove_dir_all(entry.path()).is_ok() {
            tracing::info!(folder = %entry.path().display(), "removed what a killed process had left of a backup");
        }
    }
}

fn is_left(folder: &Path) -> bool {
    // Whatever else somebody puts there under such a name is not opened.
    let Ok(found) = fs::symlink_metadata(folder) else { return false };
    let is_old = found.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age >= OLD);
    found.is_dir() && is_old && File::open(folder).is_ok_and(|folder| folder.try_lock().is_ok())
}
