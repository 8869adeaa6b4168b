use std::path::Path;

use super::survey::Survey;
use super::take::Request;
use super::{BackupError, Strategy};

/// What rows take on disk when they are packed, of what they take on the server: a third. Measured were a fifth to a quarter.
const PACKED: u64 = 3;

/// The oldest server whose own `pg_dump` packs while it writes.
const PACKS_SINCE: u32 = 160_000;

/// Refuses what will not fit.
pub(super) fn check(
    request: &Request<'_>,
    survey: &Survey,
    folder: &Path,
    keeps_folder: bool,
) -> Result<(), BackupError> {
    let is_streamed = !keeps_folder && request.strategy == Strategy::Tables;
    let Some(free) = free(folder).filter(|_| !is_streamed) else { return Ok(()) };
    let bytes: u64 = survey.tables.iter().map(|table| table.bytes).sum();
    // What cannot be packed on its way is packed beside itself.
    let is_plain_first = request.strategy == Strategy::Full && survey.catalog.server < PACKS_SINCE;
    let needed = if is_plain_first { bytes } else { bytes / PACKED };
    if free >= needed {
        return Ok(());
    }
    let place = if keeps_folder { request.place.to_string() } else { folder.display().to_string() };
    Err(BackupError::NoSpace { place, free, needed })
}

/// The bytes that this user may still write there; none where nobody tells.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}
