use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use object_store::path::Path as Prefix;

use super::BEGUN;
use super::bucket::Bucket;
use super::left;
use super::reading::StoreSource;
use super::upload::StoreFile;
use crate::backup::Manifest;
use crate::backup::place::{Draft, MANIFEST, REMOVED_AGAIN, Sink, SinkFile};
use crate::backup::temporary::Temporary;

/// What somebody finds who looks at what takes a name.
const NOTE: &str = "hardtack began a backup here. It is one when there is a manifest.json beside this.\n";

/// The longest wait for what is left to be removed: the program may be ending.
pub(super) const CLEANING: Duration = Duration::from_secs(30);

/// A prefix that is not yet a backup.
pub(super) struct StoreDraft {
    bucket: Bucket,
    /// The URL of the place.
    place: String,
    name: String,
    prefix: Prefix,
    /// For a program that writes files.
    folder: Temporary,
    is_backup: AtomicBool,
}

impl StoreDraft {
    pub(super) fn begin(bucket: Bucket, place: String, name: &str) -> io::Result<Self> {
        let folder = Temporary::new()?;
        let there = bucket.prefixes()?;
        let (name, prefix) = take_name(&bucket, name, &there)?;
        let draft = Self { bucket, place, name, prefix, folder, is_backup: AtomicBool::new(false) };
        // Who may write need not be one who may remove.
        if let Err(error) = left::remove(&draft.bucket, there, &draft.prefix) {
            tracing::warn!(place = draft.place, %error, "what killed processes had left of backups could not be removed");
        }
        Ok(draft)
    }

    /// Another run, or a rule of the store, may have taken an old prefix without a manifest for one that was left.
    fn check_whole(&self, manifest: &Manifest) -> io::Result<()> {
        let there = StoreSource::open(&self.bucket, &self.prefix)?;
        let missing = manifest.files.iter().find(|(name, file)| there.size(name) != Some(file.bytes));
        missing.map_or(Ok(()), |(name, _)| {
            Err(io::Error::other(format!(
                "{name} was written, and is not there as it was; somebody removes objects there"
            )))
        })
    }
}

/// Several may begin in one second.
fn take_name(bucket: &Bucket, name: &str, there: &[Prefix]) -> io::Result<(String, Prefix)> {
    let mut number = 1;
    loop {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        let prefix = bucket.of_backup(&name);
        if !there.contains(&prefix) && bucket.create(&prefix.clone().join(BEGUN), NOTE)? {
            return Ok((name, prefix));
        }
        number += 1;
    }
}

impl Sink for StoreDraft {
    fn create(&self, name: &str) -> io::Result<Box<dyn SinkFile>> {
        Ok(Box::new(StoreFile::new(self.bucket.clone(), self.prefix.clone(), name)))
    }
}

impl Draft for StoreDraft {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn keeps_folder(&self) -> bool {
        false
    }

    fn left(&self) -> &'static str {
        REMOVED_AGAIN
    }

    fn commit(&self, manifest: &Manifest) -> io::Result<String> {
        self.check_whole(manifest)?;
        let text = serde_json::to_vec_pretty(manifest)?;
        self.bucket.put(&self.prefix.clone().join(MANIFEST), text.into())?;
        self.is_backup.store(true, Ordering::Relaxed);
        Ok(format!("{}/{}", self.place, self.name))
    }
}

impl Drop for StoreDraft {
    fn drop(&mut self) {
        if self.is_backup.load(Ordering::Relaxed) {
            return;
        }
        // Whoever writes a file of it holds it, so nothing is added meanwhile.
        if let Err(error) = self.bucket.try_remove(&self.prefix, CLEANING) {
            tracing::warn!(
                backup = format!("{}/{}", self.place, self.name), %error,
                "what is left of a backup could not be removed; it is no backup, and a run after 24 h removes it"
            );
        }
    }
}
