use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Draft, MANIFEST, Sink, SinkFile, part_name};
use crate::backup::temporary::Temporary;
use crate::backup::{BackupError, Manifest};

/// The most that is held back of a file: a tar stream says of each part beforehand how long it is.
const PART: usize = 8 << 20;

/// One tar stream, such as standard output.
#[derive(Clone)]
pub struct Stream {
    writer: Arc<Mutex<tar::Builder<Output>>>,
}

/// What takes the stream.
struct Output {
    writer: Box<dyn Write + Send>,
    /// Whether nothing more is written: a stream without its end is known to be cut.
    is_cut: bool,
}

/// A backup that goes to a stream.
struct StreamDraft {
    stream: Stream,
    name: String,
    /// For a program that writes files.
    folder: Temporary,
}

/// A file that goes to a stream, in parts where it is long.
struct StreamFile {
    stream: Stream,
    path: String,
    held: Vec<u8>,
    parts: usize,
}

/// A file that was written in parts.
pub(super) struct Parts {
    folder: PathBuf,
    name: String,
    number: usize,
    file: File,
}

impl Stream {
    /// A backup that is written there becomes a tar stream.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        let output = Output { writer: Box::new(writer), is_cut: false };
        Self { writer: Arc::new(Mutex::new(tar::Builder::new(output))) }
    }

    /// Begins a backup.
    pub(super) fn begin(&self, name: &str) -> Result<Box<dyn Draft>, BackupError> {
        let folder = Temporary::new();
        let refused =
            |source| BackupError::Place { place: std::env::temp_dir().display().to_string(), source };
        Ok(Box::new(StreamDraft {
            stream: self.clone(),
            name: name.to_owned(),
            folder: folder.map_err(refused)?,
        }))
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(time::OffsetDateTime::now_utc().unix_timestamp()).unwrap_or_default());
        self.writer().append_data(&mut header, path, content)
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, tar::Builder<Output>> {
        // A thread that panicked between two entries leaves whole entries.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl Sink for StreamDraft {
    fn create(&self, name: &str) -> io::Result<Box<dyn SinkFile>> {
        let path = format!("{}/{name}", self.name);
        Ok(Box::new(StreamFile { stream: self.stream.clone(), path, held: Vec::new(), parts: 0 }))
    }
}

impl Draft for StreamDraft {
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
        "what went into the stream is no backup, so throw it away"
    }

    fn commit(&self, manifest: &Manifest) -> io::Result<String> {
        let text = serde_json::to_vec_pretty(manifest)?;
        self.stream.append(&format!("{}/{MANIFEST}", self.name), &text)?;
        let mut writer = self.stream.writer();
        writer.finish()?;
        writer.get_mut().flush()?;
        Ok("standard output".to_owned())
    }
}

impl Drop for StreamDraft {
    fn drop(&mut self) {
        // Behind a commit it has its end.
        self.stream.writer().get_mut().is_cut = true;
    }
}

impl Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.is_cut {
            return Err(io::Error::other("the backup before it failed"));
        }
        self.writer.write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Write for StreamFile {
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

impl StreamFile {
    fn part(&mut self) -> io::Result<()> {
        self.parts += 1;
        self.stream.append(&part_name(&self.path, self.parts), &self.held)?;
        self.held.clear();
        Ok(())
    }
}

impl SinkFile for StreamFile {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        match self.parts {
            0 => self.stream.append(&self.path, &self.held),
            _ if self.held.is_empty() => Ok(()),
            _ => self.part(),
        }
    }
}

impl Parts {
    /// A stream has long files in parts alone, and an object store the first of them under the file's own name.
    pub(super) fn open(folder: &Path, name: &str) -> io::Result<Self> {
        let file = match File::open(folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                File::open(folder.join(part_name(name, 1)))
            }
            opened => opened,
        };
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), number: 1, file: file? })
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.file.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match File::open(self.folder.join(part_name(&self.name, self.number + 1))) {
                Ok(file) => (self.file, self.number) = (file, self.number + 1),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stream_whose_backup_failed_has_no_end() {
        let written = Shared::default();
        let stream = Stream::new(written.clone());
        let draft = stream.begin("one").unwrap();
        let mut file = draft.create("rows").unwrap();
        file.write_all(b"1\n").unwrap();
        file.finish().unwrap();
        assert!(draft.left().contains("throw it away"));
        drop((draft, stream));
        // Header and content; the end would be two empty blocks more.
        assert_eq!(written.0.lock().unwrap().len(), 2 * 512);
    }
}
