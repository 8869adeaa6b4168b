use std::path::Path;

use super::archive::ZSTD_SINCE;
use super::survey::Survey;
use super::take::Request;
use super::{BackupError, Strategy};
use crate::disk;

/// What rows take on disk when they are packed, of what they take on the server: a third. Measured were a fifth to a quarter.
const PACKED: u64 = 3;

/// Refuses what will not fit.
pub(super) fn check(
    request: &Request<'_>,
    survey: &Survey,
    folder: &Path,
    keeps_folder: bool,
) -> Result<(), BackupError> {
    let is_streamed = !keeps_folder && request.strategy == Strategy::Tables;
    let Some(free) = disk::free(folder).filter(|_| !is_streamed) else { return Ok(()) };
    let bytes: u64 = survey.tables.iter().map(|table| table.bytes).sum();
    // What cannot be packed on its way is packed beside itself.
    let is_plain_first = request.strategy == Strategy::Full && survey.catalog.server < ZSTD_SINCE * 10_000;
    let needed = if is_plain_first { bytes } else { bytes / PACKED };
    if free >= needed {
        return Ok(());
    }
    let place = if keeps_folder { request.place.to_string() } else { folder.display().to_string() };
    Err(BackupError::NoSpace { place, free, needed })
}
