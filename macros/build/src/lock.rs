//! `hardtack.lock`: the shipped revisions and what they were when they shipped.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::resolve::Resolved;
use crate::revision::Revision;
use crate::stem::Stem;

/// The name of the file in a migrations folder.
pub const FILE: &str = "hardtack.lock";

const HEADER: &str = "\
# hardtack.lock pins the revisions that have shipped: the build refuses to compile once one of them was
# edited or removed. `hardtack lock` adds new revisions. To accept an edit of a revision that no database
# that matters has applied, delete its line here and run `hardtack lock` again.
";

/// The pinned revisions of a folder, in order of version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pins: BTreeMap<Stem, Pin>,
}

/// Why a lock file could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The file exists and could not be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line says no pin.
    #[error("read {}:{line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) sha256: String,
    /// The line in the file, from 1; zero for a pin that was not read.
    pub(crate) line: usize,
}

/// A line that says no pin, with what to do.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

impl Lock {
    /// Reads the lock file of a migrations folder; where there is none, nothing is pinned.
    ///
    /// # Errors
    /// A file that cannot be read, or the first line that is malformed.
    pub fn read(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE);
        match Self::read_leniently(&path) {
            Ok((lock, malformed)) => match malformed.into_iter().next() {
                Some(Malformed { line, message, .. }) => Err(LockError::Malformed { path, line, message }),
                None => Ok(lock),
            },
            Err(source) => Err(LockError::Read { path, source }),
        }
    }

    /// Pins the revisions that are not pinned yet, and says which those are. A pin is never changed: whoever
    /// edited a pinned revision deletes its line first.
    pub fn pin(&mut self, resolved: &Resolved) -> Vec<String> {
        let mut added = Vec::new();
        for revision in &resolved.revisions {
            let (version, kind) = (revision.version, revision.kind);
            let stem = Stem { version, kind, name: revision.name.clone() };
            if self.get(&stem).is_none() {
                added.push(stem.to_string());
                self.pins.insert(stem, Pin { sha256: revision.sha256.clone(), line: 0 });
            }
        }
        added
    }

    /// Pins a revision in the place of those for which it stands.
    pub fn replace(&mut self, squash: &Revision) {
        self.pins.retain(|stem, _| !squash.is_instead_of(stem));
        let (version, kind) = (squash.version, squash.kind);
        let stem = Stem { version, kind, name: squash.name.clone() };
        self.pins.insert(stem, Pin { sha256: squash.sha256.clone(), line: 0 });
    }

    /// Writes the lock file of a migrations folder.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&self, folder: &Path) -> Result<(), LockError> {
        let path = folder.join(FILE);
        fs::write(&path, self.to_string()).map_err(|source| LockError::Write { path, source })
    }

    /// Reads a file as far as it makes sense.
    pub(crate) fn read_leniently(path: &Path) -> io::Result<(Self, Vec<Malformed>)> {
        match fs::read(path) {
            Ok(bytes) => Ok(Self::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Self::default(), Vec::new())),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn get(&self, stem: &Stem) -> Option<&Pin> {
        self.pins.get(stem)
    }

    pub(crate) fn pins(&self) -> &BTreeMap<Stem, Pin> {
        &self.pins
    }

    fn parse(text: &str) -> (Self, Vec<Malformed>) {
        let (mut lock, mut malformed) = (Self::default(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match lock.parse_line(line, index + 1) {
                Ok((stem, pin)) => drop(lock.pins.insert(stem, pin)),
                Err((message, help)) => malformed.push(Malformed { line: index + 1, message, help }),
            }
        }
        (lock, malformed)
    }

    fn parse_line(&self, line: &str, number: usize) -> Result<(Stem, Pin), (String, &'static str)> {
        if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker)) {
            let help =
                "keep the lines of both sides, and give one of two revisions of a version the next version";
            return Err(("an unresolved merge conflict".to_owned(), help));
        }
        let help = "a line is a SHA-256, two spaces and a stem; restore it from version control";
        let malformed = || ("a line that pins no revision".to_owned(), help);
        let (sha256, stem) = line.split_once("  ").ok_or_else(malformed)?;
        let is_hex = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (stem, _) = Stem::parse(stem).ok().filter(|_| is_hex).ok_or_else(malformed)?;
        if self.get(&stem).is_some() {
            return Err((format!("{stem} is pinned twice"), "keep the line whose revision shipped"));
        }
        Ok((stem, Pin { sha256: sha256.to_owned(), line: number }))
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HEADER)?;
        self.pins.iter().try_for_each(|(stem, pin)| writeln!(formatter, "{}  {stem}", pin.sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (zeros, ones) = ("0".repeat(64), "1".repeat(64));
        let text = format!("{HEADER}{zeros}  V1__a\n{ones}  U2__b\n");
        fs::write(folder.path().join(FILE), &text).unwrap();
        let lock = Lock::read(folder.path()).unwrap();
        lock.write(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
        assert_eq!(lock.pins().values().map(|pin| pin.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn malformed_lines_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "# x\nabc  V1__a\n").unwrap();
        let error = Lock::read(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("hardtack.lock:2: a line that pins no revision"), "{error}");
    }
}
