use std::io;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt};

use super::BEGUN;
use super::bucket::{self, AT_ONCE, Bucket};
use crate::backup::place::MANIFEST;

/// For so long nobody has written to what is left. Nobody holds a lock there that would tell.
const HOURS: i64 = 24;

/// Removes what processes have left that were killed: a backup was begun there, there is no manifest, and nothing was written for
/// a day, by the clock of the store, which has just written what began ours.
pub(super) fn remove(bucket: &Bucket, prefixes: Vec<Path>, ours: &Path) -> io::Result<()> {
    let (store, begun) = (Arc::clone(&bucket.store), ours.clone().join(BEGUN));
    let remove = async move {
        let now = store.head(&begun).await?;
        stream::iter(prefixes)
            .map(|prefix| remove_one(Arc::clone(&store), prefix, &now))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    };
    bucket.driver.wait(remove)
}

async fn remove_one(store: Arc<dyn ObjectStore>, prefix: Path, now: &ObjectMeta) -> Result<(), Error> {
    if is_there(&*store, &prefix, MANIFEST).await? || !is_there(&*store, &prefix, BEGUN).await? {
        return Ok(());
    }
    let objects: Vec<ObjectMeta> = store.list(Some(&prefix)).try_collect().await?;
    let is_old = |object: &ObjectMeta| (now.last_modified - object.last_modified).num_hours() >= HOURS;
    if objects.iter().all(is_old) {
        tracing::info!(%prefix, "removing what a killed process had left of a backup");
        bucket::remove(store, prefix).await?;
    }
    Ok(())
}

async fn is_there(store: &dyn ObjectStore, prefix: &Path, name: &str) -> Result<bool, Error> {
    match store.head(&prefix.clone().join(name)).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
