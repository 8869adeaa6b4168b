use std::collections::BTreeMap;
use std::env;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::{Path, PathPart};
use object_store::{
    Error, ObjectMeta, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode, local::LocalFileSystem,
};
use url::Url;

use super::BEGUN;
use super::driver::{Driver, of_store};
use crate::backup::place::MANIFEST;

/// The longest that one request may take: a part of a file goes over a slow line.
const REQUEST: &str = "120s";

/// Whose settings are in the environment under which names.
const SETTINGS: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];

/// How many requests at once, where there are many.
pub(super) const AT_ONCE: usize = 8;

/// The objects below a prefix.
#[derive(Clone)]
pub(super) struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) root: Path,
    pub(super) driver: Arc<Driver>,
}

impl Bucket {
    pub(super) fn open(url: &Url) -> io::Result<Self> {
        // An error means that the program has chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (scheme, root) = ObjectStoreScheme::parse(url).map_err(|error| of_store(error.into()))?;
        let store: Arc<dyn ObjectStore> = if scheme == ObjectStoreScheme::Local {
            // Empty folders stay, as nothing else does: removed they would be up to the root.
            Arc::new(LocalFileSystem::new().with_fsync(true))
        } else {
            object_store::parse_url_opts(url, options()).map_err(of_store)?.0.into()
        };
        Ok(Self { store, root, driver: Arc::new(Driver::start()?) })
    }

    /// The prefix of the backup of that name.
    pub(super) fn of_backup(&self, name: &str) -> Path {
        // As it is listed, where it can be a part of a path as it stands.
        self.root.clone().join(PathPart::parse(name).unwrap_or_else(|_| PathPart::from(name)))
    }

    /// The prefixes in which there may be backups.
    pub(super) fn prefixes(&self) -> io::Result<Vec<Path>> {
        let (store, root) = (Arc::clone(&self.store), self.root.clone());
        self.driver.wait(async move { Ok(store.list_with_delimiter(Some(&root)).await?.common_prefixes) })
    }

    /// The objects below a prefix.
    pub(super) fn objects(&self, prefix: &Path) -> io::Result<Vec<ObjectMeta>> {
        let (store, prefix) = (Arc::clone(&self.store), prefix.clone());
        self.driver.wait(async move { store.list(Some(&prefix)).try_collect().await })
    }

    /// The sizes of the objects below a prefix, by their names there.
    pub(super) fn sizes(&self, prefix: &Path) -> io::Result<BTreeMap<String, u64>> {
        let name = |object: &ObjectMeta| {
            let parts: Vec<_> = object.location.prefix_match(prefix)?.collect();
            Some(parts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("/"))
        };
        Ok(self.objects(prefix)?.iter().filter_map(|object| Some((name(object)?, object.size))).collect())
    }

    /// Writes an object, in place of one that is there.
    pub(super) fn put(&self, path: &Path, content: Bytes) -> io::Result<()> {
        let (store, path) = (Arc::clone(&self.store), path.clone());
        self.driver.wait(async move { store.put(&path, content.into()).await.map(drop) })
    }

    /// Writes an object where there is none; whether there was none.
    pub(super) fn create(&self, path: &Path, content: &'static str) -> io::Result<bool> {
        let (store, path) = (Arc::clone(&self.store), path.clone());
        self.driver.wait(async move {
            match store.put_opts(&path, content.into(), PutMode::Create.into()).await {
                Ok(_) => Ok(true),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
                // Some are told by their settings to do without.
                Err(Error::NotImplemented { .. } | Error::NotSupported { .. }) => {
                    store.put(&path, content.into()).await.map(|_| true)
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Removes a backup, the manifest first.
    pub(super) fn remove(&self, backup: &Path) -> io::Result<()> {
        self.driver.wait(remove(Arc::clone(&self.store), backup.clone()))
    }

    /// The same, but without waiting for ever.
    pub(super) fn try_remove(&self, backup: &Path, longest: Duration) -> io::Result<()> {
        self.driver.wait_for(longest, remove(Arc::clone(&self.store), backup.clone()))
    }
}

/// What the environment says of stores. Settings of other names are meant for others: `REGION` and `TOKEN` would be taken too.
fn options() -> Vec<(String, String)> {
    let named = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let ours = named.filter(|(name, _)| SETTINGS.iter().any(|prefix| name.starts_with(prefix)));
    std::iter::once(("timeout".to_owned(), REQUEST.to_owned())).chain(ours).collect()
}

/// The content of an object; none where there is no such object.
pub(super) async fn content(store: &dyn ObjectStore, path: &Path) -> Result<Option<Bytes>, Error> {
    match store.get(path).await {
        Ok(found) => found.bytes().await.map(Some),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes what is below a prefix: the manifest first, so that what is half removed is no backup, and last what tells that one
/// was begun, so that a later run finds what is left.
pub(super) async fn remove(store: Arc<dyn ObjectStore>, backup: Path) -> Result<(), Error> {
    remove_one(&*store, &backup.clone().join(MANIFEST)).await?;
    let begun = backup.clone().join(BEGUN);
    let mut rest: Vec<Path> =
        store.list(Some(&backup)).map_ok(|object| object.location).try_collect().await?;
    rest.retain(|path| *path != begun);
    let mut removed = store.delete_stream(stream::iter(rest).map(Ok).boxed());
    while let Some(one) = removed.next().await {
        unless_gone(one.map(drop))?;
    }
    remove_one(&*store, &begun).await
}

async fn remove_one(store: &dyn ObjectStore, path: &Path) -> Result<(), Error> {
    unless_gone(store.delete(path).await)
}

fn unless_gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::NotFound { .. }) => Ok(()),
        removed => removed,
    }
}
