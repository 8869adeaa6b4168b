//! The way of a file out of a backup.

use std::io::{self, BufReader, Read};

use sha2::{Digest, Sha256};

use super::keys::Identities;
use super::manifest::FORM;
use super::pack::{AGE, ZSTD};
use super::place::{MANIFEST, Source};
use super::take::CATALOG;
use super::{BackupError, FileEntry, Manifest};
use crate::db::Wanted;
use crate::words::hex;

/// How much is read at once.
pub(super) const PIECE: usize = 256 << 10;

/// Opens a file of a backup as it was before it was packed.
pub(super) fn open(
    source: &dyn Source,
    name: &str,
    identities: &Identities,
) -> io::Result<Box<dyn Read + Send>> {
    let file = source.open(name)?;
    let (file, name): (Box<dyn Read + Send>, &str) = match name.strip_suffix(AGE) {
        Some(name) => (identities.decrypt(file)?, name),
        None => (file, name),
    };
    Ok(match name.strip_suffix(ZSTD) {
        Some(_) => Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(PIECE, file))?),
        None => file,
    })
}

/// A file's name without the endings of what was done to it.
pub(super) fn unpacked_name(name: &str) -> &str {
    let name = name.strip_suffix(AGE).unwrap_or(name);
    name.strip_suffix(ZSTD).unwrap_or(name)
}

/// Compares a file with what the manifest says of it.
pub(super) fn compare(
    source: &dyn Source,
    name: &str,
    expected: &FileEntry,
    wanted: &Wanted,
) -> Result<(), String> {
    let found = sum(source, name, wanted).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("the file {name} is missing"),
        _ => format!("the file {name} cannot be read: {error}"),
    })?;
    if found.bytes != expected.bytes {
        return Err(format!("the file {name} has {} bytes, and had {}", found.bytes, expected.bytes));
    }
    if found.sha256 != expected.sha256 {
        return Err(format!("the file {name} is not what was written: its SHA-256 is another"));
    }
    Ok(())
}

fn sum(source: &dyn Source, name: &str, wanted: &Wanted) -> io::Result<FileEntry> {
    let (mut file, mut hash, mut bytes) = (source.open(name)?, Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        wanted.check()?;
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(FileEntry { bytes, sha256: hex(&hash.finalize()) });
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
    }
}

/// Reads the manifest of a backup.
pub(super) fn manifest(source: &dyn Source, backup: &str) -> Result<Manifest, BackupError> {
    match source.open(MANIFEST) {
        Ok(file) => manifest_of(file, backup),
        Err(source) => Err(BackupError::Read { file: format!("the manifest of {backup}"), source }),
    }
}

/// The manifest that a file says.
pub(super) fn manifest_of(file: impl Read, backup: &str) -> Result<Manifest, BackupError> {
    let unreadable = |reason: String| BackupError::Manifest { backup: backup.to_owned(), reason };
    let value: serde_json::Value =
        serde_json::from_reader(BufReader::new(file)).map_err(|error| unreadable(error.to_string()))?;
    // Another form may lack anything else.
    match value.get("form").and_then(serde_json::Value::as_u64) {
        Some(form) if form == u64::from(FORM) => {}
        Some(form) => {
            return Err(BackupError::Form { backup: backup.to_owned(), form, known: FORM });
        }
        None => return Err(unreadable("it says not what form it is of".to_owned())),
    }
    let manifest: Manifest = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
    match fault(&manifest) {
        Some(fault) => Err(unreadable(fault)),
        None => Ok(manifest),
    }
}

/// What a manifest says that no backup was ever taken with.
fn fault(manifest: &Manifest) -> Option<String> {
    // Files are read, and written where they are unpacked, by these names.
    if let Some(name) = manifest.files.keys().find(|name| !is_below(name)) {
        return Some(format!("it names a file that is not in its folder: {name}"));
    }
    let mut of_tables = manifest.tables.iter().flat_map(|table| &table.files);
    if let Some(name) = of_tables.find(|name| !manifest.files.contains_key(*name)) {
        return Some(format!("it has rows in a file that is none of the backup's: {name}"));
    }
    if !manifest.files.keys().any(|name| unpacked_name(name) == CATALOG) {
        return Some("no file of it is the catalog".to_owned());
    }
    let grants = manifest.database.traits.grants.iter().flatten();
    let foreign = grants.into_iter().find(|grant| !grant.is_of_databases())?;
    Some(format!("it has a right that no database has: {}", foreign.privilege))
}

/// Whether a name leads to nowhere but into the folder that it is of.
fn is_below(name: &str) -> bool {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
    name.split('/').all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_into_the_folder() {
        for name in ["catalog.json.zst", "archive/toc.dat", "rows/public.orders/1.zst", "a..b"] {
            assert!(is_below(name), "{name}");
        }
        for name in ["", "/etc/passwd", "../a", "archive/../../a", "a//b", "a/", "c:a", "..\\a"] {
            assert!(!is_below(name), "{name}");
        }
    }
}
