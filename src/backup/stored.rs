use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::mpsc;

use super::place::Source;
use super::temporary::remove_left;
use super::unpack::{self, PIECE};
use super::{BackupError, Identities, Manifest, Place, TableEntry};
use crate::db::blocking;

/// How many pieces wait for whoever takes them.
const WAITING: usize = 4;

/// A backup that is there, opened.
#[derive(Clone)]
pub(crate) struct Stored {
    /// What it is called in messages.
    pub(crate) path: String,
    pub(crate) manifest: Manifest,
    pub(super) source: Arc<dyn Source>,
    pub(super) identities: Identities,
}

/// The rows of tables, as the text that `COPY` takes.
pub(crate) trait Rows: Send + Sync {
    /// Those of one table, in pieces that end anywhere.
    fn open(&self, table: &TableEntry) -> BoxStream<'static, io::Result<Bytes>>;
}

impl Stored {
    /// Opens the backup of that name, with the keys for reading it.
    pub(crate) async fn open(
        place: &Place,
        name: &str,
        identities: &Identities,
    ) -> Result<Self, BackupError> {
        let path = format!("{place}/{name}");
        let (shelf, name) = (place.shelf(), name.to_owned());
        let opened = blocking(move |_| {
            remove_left();
            let Some(shelf) = shelf else { return Err(io::Error::other("it cannot be read again")) };
            Ok(shelf.open(&name).and_then(|source| {
                let manifest = unpack::manifest(&*source, &name)?;
                Ok((source, manifest))
            }))
        });
        let (source, manifest) =
            opened.await.map_err(|source| BackupError::Place { place: place.to_string(), source })??;
        Ok(Self { path, manifest, source: source.into(), identities: identities.clone() })
    }
}

impl Stored {
    /// Whether there is a key for it, or none is wanted: without, nobody can tell what is in it.
    pub(crate) fn is_readable(&self) -> bool {
        !self.manifest.is_encrypted() || !self.identities.is_empty()
    }
}

impl Rows for Stored {
    fn open(&self, table: &TableEntry) -> BoxStream<'static, io::Result<Bytes>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (source, identities, files) =
            (Arc::clone(&self.source), self.identities.clone(), table.files.clone());
        let reading = blocking(move |wanted| {
            for file in files {
                let mut file = unpack::open(&*source, &file, &identities)?;
                loop {
                    wanted.check()?;
                    let mut piece = BytesMut::zeroed(PIECE);
                    let read = file.read(&mut piece)?;
                    piece.truncate(read);
                    if read == 0 {
                        break;
                    }
                    // Nobody takes the rest.
                    if sender.blocking_send(piece.freeze()).is_err() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        });
        // What went wrong comes behind what was read before it.
        let pieces =
            stream::unfold(receiver, async |mut receiver| Some((Ok(receiver.recv().await?), receiver)));
        let end = stream::once(reading).filter_map(async |done| done.err().map(Err));
        stream::select(pieces, end).boxed()
    }
}
