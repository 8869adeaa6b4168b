//! What happens to a file on its way into a backup: it is compressed, encrypted where somebody asked for that, and hashed as
//! it is written.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::keys::{Encryptor, Recipients};
use super::place::SinkFile;
use super::{FileEntry, place::Sink};
use crate::words::hex;

/// What the name of a compressed file ends in.
pub(super) const ZSTD: &str = ".zst";
/// What the name of an encrypted file ends in.
pub(super) const AGE: &str = ".age";

/// Higher ones take longer than the server takes to send the rows.
const LEVEL: i32 = 1;

/// A file that is being written.
pub(super) struct PackedFile {
    name: String,
    writer: Compressor<Encryptor<Hashed>>,
}

/// Compresses, or does not.
enum Compressor<W: Write> {
    Zstd(zstd::stream::write::Encoder<'static, W>),
    Plain(W),
}

/// Hashes what it passes on.
pub(super) struct Hashed {
    file: Box<dyn SinkFile>,
    bytes: u64,
    hash: Sha256,
}

impl PackedFile {
    /// Begins a file. Its name gets the endings of what is done to it.
    pub(super) fn create(
        sink: &dyn Sink,
        name: &str,
        compress: bool,
        recipients: &Recipients,
    ) -> io::Result<Self> {
        let name = format!(
            "{name}{}{}",
            if compress { ZSTD } else { "" },
            if recipients.is_empty() { "" } else { AGE }
        );
        let hashed = Hashed { file: sink.create(&name)?, bytes: 0, hash: Sha256::new() };
        let encryptor = recipients.encrypt(hashed)?;
        let writer = if compress {
            Compressor::Zstd(zstd::stream::write::Encoder::new(encryptor, LEVEL)?)
        } else {
            Compressor::Plain(encryptor)
        };
        Ok(Self { name, writer })
    }

    /// Ends it: when this returns, it is on disk.
    pub(super) fn finish(self) -> io::Result<(String, FileEntry)> {
        let encryptor = match self.writer {
            Compressor::Zstd(encoder) => encoder.finish()?,
            Compressor::Plain(encryptor) => encryptor,
        };
        let Hashed { file, bytes, hash } = encryptor.finish()?;
        file.finish()?;
        Ok((self.name, FileEntry { bytes, sha256: hex(&hash.finalize()) }))
    }
}

impl Write for PackedFile {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Compressor::Zstd(encoder) => encoder.write(text),
            Compressor::Plain(writer) => writer.write(text),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Compressor::Zstd(encoder) => encoder.flush(),
            Compressor::Plain(writer) => writer.flush(),
        }
    }
}

impl Write for Hashed {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let written = self.file.write(text)?;
        self.hash.update(&text[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
