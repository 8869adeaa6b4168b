use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use object_store::path::Path;
use object_store::{Error, ObjectStore};

use super::Store;
use super::bucket::{AT_ONCE, Bucket, content};
use super::reading::StoreSource;
use crate::backup::place::{MANIFEST, Shelf, Source, VERIFIED};
use crate::backup::{BackupError, Listed, Manifest, Verified, unpack};

/// What a backup says of itself, and what was last said of it.
struct Said {
    name: String,
    manifest: Bytes,
    verified: Option<Bytes>,
}

impl Shelf for Store {
    fn list(&self) -> Result<Vec<Listed>, BackupError> {
        let said = self.bucket().and_then(|bucket| all(&bucket)).map_err(self.refused())?;
        let mut listed = Vec::new();
        for Said { name, manifest, verified } in said {
            match unpack::manifest_of(&*manifest, &name) {
                // Somebody may have copied the prefix.
                Ok(manifest) => {
                    let manifest = Manifest { name, ..manifest };
                    let verified = verified.and_then(|verified| serde_json::from_slice(&verified).ok());
                    listed.push(Listed { manifest, verified });
                }
                // It hides none of the others.
                Err(error) => tracing::warn!(%error, "a backup is left out of the list"),
            }
        }
        Ok(listed)
    }

    fn open(&self, name: &str) -> Result<Box<dyn Source>, BackupError> {
        let source = self.bucket().and_then(|bucket| StoreSource::open(&bucket, &bucket.of_backup(name)));
        let source = source.map_err(self.refused())?;
        if source.size(MANIFEST).is_some() {
            return Ok(Box::new(source));
        }
        let what =
            if source.is_empty() { "there is nothing below that" } else { "there is no manifest in it" };
        Err(BackupError::NotFound { backup: format!("{self}/{name}"), what })
    }

    fn verified(&self, name: &str, verified: &Verified) -> io::Result<()> {
        let bucket = self.bucket()?;
        bucket.put(&bucket.of_backup(name).join(VERIFIED), serde_json::to_vec_pretty(verified)?.into())
    }

    fn remove(&self, name: &str) -> io::Result<bool> {
        let bucket = self.bucket()?;
        bucket.remove(&bucket.of_backup(name))?;
        Ok(true)
    }
}

/// Those that have a manifest: nothing else is a backup.
fn all(bucket: &Bucket) -> io::Result<Vec<Said>> {
    let (prefixes, store) = (bucket.prefixes()?, Arc::clone(&bucket.store));
    bucket.driver.wait(async move {
        let said = stream::iter(prefixes).map(|prefix| said(Arc::clone(&store), prefix));
        said.buffered(AT_ONCE).try_filter_map(|said| future::ready(Ok(said))).try_collect().await
    })
}

async fn said(store: Arc<dyn ObjectStore>, backup: Path) -> Result<Option<Said>, Error> {
    let Some(manifest) = content(&*store, &backup.clone().join(MANIFEST)).await? else { return Ok(None) };
    let verified = content(&*store, &backup.clone().join(VERIFIED)).await?;
    let name = backup.filename().unwrap_or_default().to_owned();
    Ok(Some(Said { name, manifest, verified }))
}
