use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, WriteMultipart};

use super::bucket::Bucket;
use super::draft::CLEANING;
use super::driver::of_store;
use crate::backup::place::{SinkFile, part_name};

/// What is sent at once. Stores want at least 5 MiB, and some want parts of one size.
pub(super) const PART: usize = 8 << 20;

/// How many parts of a file are under way at the most: with the one that is being filled, what a file holds in memory.
const UNDER_WAY: usize = 3;

/// The most parts of an object. Stores take 10,000; a longer file goes on in another object.
pub(super) const PARTS: usize = if cfg!(test) { 2 } else { 8_000 };

/// A file that is being written: one object where it is short, and in parts where it is long.
pub(super) struct StoreFile {
    bucket: Bucket,
    backup: Path,
    name: String,
    held: Vec<u8>,
    upload: Option<WriteMultipart>,
    /// The parts of the object that is under way.
    parts: usize,
    /// The objects that are whole.
    objects: usize,
}

impl StoreFile {
    pub(super) fn new(bucket: Bucket, backup: Path, name: &str) -> Self {
        let name = name.to_owned();
        Self { bucket, backup, name, held: Vec::new(), upload: None, parts: 0, objects: 0 }
    }

    /// Sends the part that is full.
    fn part(&mut self) -> io::Result<()> {
        let part = Bytes::from(std::mem::replace(&mut self.held, Vec::with_capacity(PART)));
        let (store, path) =
            (Arc::clone(&self.bucket.store), path_of(&self.backup, &self.name, self.objects + 1));
        let begun = self.upload.take();
        let (upload, sent) =
            self.bucket.driver.wait(async move { Ok(send(store, path, begun, part).await) })?;
        self.upload = upload;
        sent.map_err(of_store)?;
        self.parts += 1;
        if self.parts == PARTS { self.end_object(Bytes::new()) } else { Ok(()) }
    }

    /// Makes an object of the parts and what comes last; an upload that failed is aborted.
    fn end_object(&mut self, last: Bytes) -> io::Result<()> {
        let Some(mut upload) = self.upload.take() else { return Ok(()) };
        self.bucket.driver.wait(async move {
            upload.put(last);
            upload.finish().await.map(drop)
        })?;
        (self.objects, self.parts) = (self.objects + 1, 0);
        Ok(())
    }
}

/// Sends a part, once there are few enough on their way. The upload comes back, to be aborted where that failed.
async fn send(
    store: Arc<dyn ObjectStore>,
    path: Path,
    begun: Option<WriteMultipart>,
    part: Bytes,
) -> (Option<WriteMultipart>, Result<(), Error>) {
    let mut upload = match begun {
        Some(upload) => upload,
        None => match store.put_multipart(&path).await {
            Ok(upload) => WriteMultipart::new_with_chunk_size(upload, PART),
            Err(error) => return (None, Err(error)),
        },
    };
    let free = upload.wait_for_capacity(UNDER_WAY).await;
    if free.is_ok() {
        upload.put(part);
    }
    (Some(upload), free)
}

impl Write for StoreFile {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let taken = text.len().min(PART - self.held.len());
        self.held.extend_from_slice(&text[..taken]);
        if self.held.len() == PART {
            self.part()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SinkFile for StoreFile {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let held = Bytes::from(std::mem::take(&mut self.held));
        match self.upload {
            Some(_) => self.end_object(held),
            None if held.is_empty() && self.objects > 0 => Ok(()),
            None => self.bucket.put(&path_of(&self.backup, &self.name, self.objects + 1), held),
        }
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        let Some(upload) = self.upload.take() else { return };
        if let Err(error) = self.bucket.driver.wait_for(CLEANING, upload.abort()) {
            tracing::warn!(backup = %self.backup, file = self.name, %error, "an upload could not be aborted; its parts stay");
        }
    }
}

/// Where the objects of a file are: the first has its name.
pub(super) fn path_of(backup: &Path, name: &str, number: usize) -> Path {
    let name = if number == 1 { name.to_owned() } else { part_name(name, number) };
    name.split('/').fold(backup.clone(), Path::join)
}
