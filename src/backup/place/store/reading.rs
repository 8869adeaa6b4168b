use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path as Folder;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use object_store::path::Path;
use object_store::{Error, ObjectStoreExt};
use tokio::sync::mpsc;

use super::bucket::Bucket;
use super::driver::{Driver, of_store};
use super::upload::path_of;
use crate::backup::place::{Source, part_name};

/// What is asked for at once. One long answer would end with its time when whoever reads takes long.
const PIECE: u64 = 8 << 20;

/// A backup in a store.
pub(super) struct StoreSource {
    bucket: Bucket,
    backup: Path,
    /// Its objects.
    sizes: BTreeMap<String, u64>,
}

/// A file that is being read, a piece ahead of whoever reads.
struct Reading {
    driver: Arc<Driver>,
    pieces: Option<Pieces>,
    piece: Bytes,
    /// The bytes that are still to come.
    left: u64,
}

type Pieces = mpsc::Receiver<Result<Bytes, Error>>;

impl StoreSource {
    pub(super) fn open(bucket: &Bucket, backup: &Path) -> io::Result<Self> {
        let sizes = bucket.sizes(backup)?;
        Ok(Self { bucket: bucket.clone(), backup: backup.clone(), sizes })
    }

    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The bytes of a file.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        let objects = self.objects(name);
        if objects.is_empty() { None } else { Some(objects.iter().map(|(_, size)| size).sum()) }
    }

    /// The objects of a file, and their sizes.
    fn objects(&self, name: &str) -> Vec<(Path, u64)> {
        let number = |number| (number, if number == 1 { name.to_owned() } else { part_name(name, number) });
        let found = (1..).map(number).map_while(|(number, object)| Some((number, *self.sizes.get(&object)?)));
        found.map(|(number, size)| (path_of(&self.backup, name, number), size)).collect()
    }
}

impl Source for StoreSource {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        let objects = self.objects(name);
        if objects.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no {name}")));
        }
        let (sender, receiver) = mpsc::channel(1);
        let store = Arc::clone(&self.bucket.store);
        let left = objects.iter().map(|(_, size)| size).sum();
        self.bucket.driver.spawn(async move {
            for (path, range) in objects.into_iter().flat_map(ranges) {
                let piece = store.get_range(&path, range).await;
                let is_last = piece.is_err();
                // Whoever has read enough takes nothing more.
                if sender.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        let driver = Arc::clone(&self.bucket.driver);
        Ok(Box::new(Reading { driver, pieces: Some(receiver), piece: Bytes::new(), left }))
    }

    fn folder(&self) -> Option<&Folder> {
        None
    }
}

fn ranges((path, size): (Path, u64)) -> impl Iterator<Item = (Path, Range<u64>)> {
    (0..size.div_ceil(PIECE)).map(move |number| {
        let from = number * PIECE;
        (path.clone(), from..size.min(from + PIECE))
    })
}

impl Reading {
    fn next(&mut self) -> io::Result<Bytes> {
        let mut pieces = self.pieces.take().ok_or(io::ErrorKind::UnexpectedEof)?;
        let (piece, pieces) = self.driver.wait(async move { Ok((pieces.recv().await, pieces)) })?;
        self.pieces = Some(pieces);
        piece.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(of_store)
    }
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.left > 0 {
            self.piece = self.next()?;
            self.left = self.left.saturating_sub(self.piece.len() as u64);
        }
        let read = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..read]);
        Ok(read)
    }
}
