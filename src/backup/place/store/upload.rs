use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStoreExt, WriteMultipart};
use tokio::sync::Mutex;

use super::bucket::Bucket;
use super::draft::CLEANING;
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
    /// Shared with the request that is under way: when nobody waits for that any more, the upload is still to be aborted.
    upload: Arc<Mutex<Option<WriteMultipart>>>,
    is_begun: bool,
    /// The parts of the object that is under way.
    parts: usize,
    /// The objects that are whole.
    objects: usize,
}

impl StoreFile {
    pub(super) fn new(bucket: Bucket, backup: Path, name: &str) -> Self {
        Self {
            bucket,
            backup,
            name: name.to_owned(),
            held: Vec::new(),
            upload: Arc::default(),
            is_begun: false,
            parts: 0,
            objects: 0,
        }
    }

    /// The object that is under way.
    fn path(&self) -> Path {
        path_of(&self.backup, &self.name, self.objects + 1)
    }

    /// Sends the part that is full, once there are few enough on their way.
    fn part(&mut self) -> io::Result<()> {
        let part = Bytes::from(std::mem::replace(&mut self.held, Vec::with_capacity(PART)));
        let (store, path, upload) = (Arc::clone(&self.bucket.store), self.path(), Arc::clone(&self.upload));
        self.is_begun = true;
        self.bucket.driver.wait(async move {
            let mut upload = upload.lock().await;
            let upload = match &mut *upload {
                Some(upload) => upload,
                none => {
                    let begun = store.put_multipart(&path).await?;
                    none.insert(WriteMultipart::new_with_chunk_size(begun, PART))
                }
            };
            upload.wait_for_capacity(UNDER_WAY).await?;
            upload.put(part);
            Ok(())
        })?;
        self.parts += 1;
        if self.parts == PARTS { self.end_object(Bytes::new()) } else { Ok(()) }
    }

    /// Makes an object of the parts and what comes last.
    fn end_object(&mut self, last: Bytes) -> io::Result<()> {
        let upload = Arc::clone(&self.upload);
        self.bucket.driver.wait(async move {
            let mut upload = upload.lock().await;
            if let Some(upload) = &mut *upload {
                upload.put(last);
                upload.wait_for_capacity(0).await?;
            }
            match upload.take() {
                Some(upload) => upload.finish().await.map(drop),
                None => Ok(()),
            }
        })?;
        (self.is_begun, self.parts, self.objects) = (false, 0, self.objects + 1);
        Ok(())
    }
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
        if self.is_begun {
            self.end_object(held)
        } else if held.is_empty() && self.objects > 0 {
            Ok(())
        } else {
            self.bucket.put(&self.path(), held)
        }
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        if !self.is_begun {
            return;
        }
        let upload = Arc::clone(&self.upload);
        let abort = async move {
            match upload.lock().await.take() {
                Some(upload) => upload.abort().await,
                None => Ok(()),
            }
        };
        if let Err(error) = self.bucket.driver.wait_for(CLEANING, abort) {
            tracing::warn!(backup = %self.backup, file = self.name, %error, "an upload could not be aborted; its parts stay");
        }
    }
}

/// Where the objects of a file are: the first has its name.
pub(super) fn path_of(backup: &Path, name: &str, number: usize) -> Path {
    let name = if number == 1 { name.to_owned() } else { part_name(name, number) };
    name.split('/').fold(backup.clone(), Path::join)
}
