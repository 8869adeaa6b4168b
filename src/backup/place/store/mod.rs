//! Backups in an object store: a prefix for each, which is one as soon as there is a manifest. Nothing can be renamed there and
//! nothing locked, so a name is taken by an object that only one can create.

mod bucket;
mod draft;
mod driver;
mod left;
mod reading;
mod shelf;
#[cfg(test)]
mod tests;
mod upload;

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::ObjectStoreScheme;
use url::Url;

use self::bucket::Bucket;
use self::draft::StoreDraft;
use super::Draft;
use crate::backup::BackupError;

/// The object that begins a backup, and takes its name: only one process can create it. It stays.
const BEGUN: &str = "hardtack-begun";

/// Schemes whose URLs name a container before the `@`.
const AZURE: [&str; 5] = ["az", "adl", "azure", "abfs", "abfss"];

/// A prefix of an object store, by its URL. The credentials are in the environment.
#[derive(Clone)]
pub struct Store {
    url: Url,
    /// Opened when it is first wanted.
    bucket: Arc<Mutex<Option<Bucket>>>,
}

impl Store {
    /// Begins a backup, and removes what killed processes have left.
    pub(super) fn begin(&self, name: &str) -> Result<Box<dyn Draft>, BackupError> {
        let begun = self.bucket().and_then(|bucket| StoreDraft::begin(bucket, self.to_string(), name));
        Ok(Box::new(begun.map_err(self.refused())?))
    }

    fn bucket(&self) -> io::Result<Bucket> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = &*bucket {
            return Ok(bucket.clone());
        }
        if self.url != without_secrets(&self.url) {
            let reason = "the URL has a user, a password, a query or a fragment, and none is used; credentials belong in the \
                          environment, as AWS_*, GOOGLE_* or AZURE_*";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Ok(bucket.insert(Bucket::open(&self.url)?).clone())
    }

    fn refused(&self) -> impl FnOnce(io::Error) -> BackupError {
        let place = self.to_string();
        move |source| BackupError::Place { place, source }
    }
}

impl FromStr for Store {
    type Err = String;

    /// Its URL.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
        match ObjectStoreScheme::parse(&url) {
            Ok((ObjectStoreScheme::Local | ObjectStoreScheme::Memory, _)) if is_for_tests() => {}
            Ok((ObjectStoreScheme::Local | ObjectStoreScheme::Memory | ObjectStoreScheme::Http, _))
            | Err(_) => {
                return Err(
                    "it is no URL of an object store: write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or \
                            az://CONTAINER/PREFIX"
                        .to_owned(),
                );
            }
            Ok(_) => {}
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url, bucket: Arc::default() })
    }
}

/// Its URL, without what is secret.
impl fmt::Display for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = without_secrets(&self.url);
        let text = url.as_str();
        formatter.write_str(if url.path() == "/" { &text[..text.len() - 1] } else { text })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Store").field(&self.to_string()).finish()
    }
}

/// Whether stores are wanted that keep nothing, or in a directory, which can be had as one.
fn is_for_tests() -> bool {
    cfg!(test) || std::env::var_os("HARDTACK_TEST_STORES").is_some()
}

fn without_secrets(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // A URL without a host has neither.
    if url.password().is_some() || !AZURE.contains(&url.scheme()) {
        let _ = url.set_username("");
    }
    let _ = url.set_password(None);
    url
}
