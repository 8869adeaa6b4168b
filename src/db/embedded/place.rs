//! Where a cluster lives: its data, its socket, and the directory that holds both.

use std::ffi::OsStr;
use std::fs;
use std::hash::Hasher;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use siphasher::sip::SipHasher13;

use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::runner::Runner;

/// The directories of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Holds the data; the home itself, or a directory elsewhere when the server may not enter the home.
    pub(super) container: PathBuf,
    pub(super) data: PathBuf,
    pub(super) sockets: PathBuf,
}

/// Everybody may enter it, and it outlives a reboot.
const OUTSIDE: &str = "/var/tmp";

/// A socket's path may have 107 bytes on Linux, 103 on macOS.
const LONGEST_SOCKET: usize = 103;

impl Place {
    /// The place for a home, which exists. Where the server's account may not enter the home, the cluster
    /// lies in `/var/tmp` and `<home>/data` points to it.
    pub(super) fn in_home(home: &Path, runner: &Runner) -> Result<Self, EmbeddedError> {
        let link = home.join("data");
        let container = match fs::read_link(&link).ok().and_then(|target| earlier(&target)) {
            Some(container) => container,
            None if runner.can_enter(home) => home.to_owned(),
            None => outside(home, runner),
        };
        if container != home {
            runner.own_directory(&container)?;
            point(&link, &container.join("data"))?;
        }
        Self::new(container, runner)
    }

    /// A new place for a cluster that is thrown away.
    pub(super) fn scratch(runner: &Runner) -> Result<Self, EmbeddedError> {
        let temporary = std::env::temp_dir();
        let parent = if runner.can_add_to(&temporary) { temporary } else { PathBuf::from(OUTSIDE) };
        let name = format!("hardtack-scratch-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let container = parent.join(name);
        runner.own_directory(&container)?;
        Self::new(container, runner)
    }

    fn new(container: PathBuf, runner: &Runner) -> Result<Self, EmbeddedError> {
        let data = container.join("data");
        check_data(&data, runner)?;
        let near = container.join("run");
        let sockets = match near.as_os_str().len() + "/.s.PGSQL.65535".len() {
            ..=LONGEST_SOCKET => near,
            _ => PathBuf::from("/tmp").join(hashed_name(&container, runner)),
        };
        runner.own_directory(&sockets)?;
        Ok(Self { container, data, sockets })
    }

    pub(super) fn log(&self) -> PathBuf {
        self.data.join("server.log")
    }

    /// Everything that must go with a cluster that is thrown away.
    pub(super) fn directories(&self) -> [&Path; 2] {
        [&self.container, &self.sockets]
    }
}

/// Makes a home, with a note to version control that nothing in it is source.
pub(super) fn make_home(home: &Path) -> Result<PathBuf, EmbeddedError> {
    fs::create_dir_all(home).doing("create", home)?;
    let ignore = home.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").doing("write", ignore)?;
    }
    fs::canonicalize(home).doing("look at", home)
}

/// Where the data was put before; it stays there though the home has moved or may be entered now.
fn earlier(link: &Path) -> Option<PathBuf> {
    let container = link.parent()?;
    let ours = container.parent()? == Path::new(OUTSIDE)
        && container.file_name()?.as_bytes().starts_with(b"hardtack-");
    ours.then(|| container.to_owned())
}

fn outside(home: &Path, runner: &Runner) -> PathBuf {
    Path::new(OUTSIDE).join(hashed_name(home, runner))
}

/// A short name that is the same in every run, for one path and one account.
fn hashed_name(path: &Path, runner: &Runner) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(OsStr::as_bytes(path.as_os_str()));
    hasher.write_u32(runner.uid());
    format!("hardtack-{:016x}", hasher.finish())
}

fn point(link: &Path, target: &Path) -> Result<(), EmbeddedError> {
    match fs::read_link(link) {
        Ok(current) if current == target => return Ok(()),
        Ok(_) => fs::remove_file(link).doing("remove", link)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(_) => {
            let reason =
                "it should be a link to a cluster elsewhere, since the server may not enter it; move it away";
            return Err(EmbeddedError::Directory { path: link.to_owned(), reason: reason.to_owned() });
        }
    }
    std::os::unix::fs::symlink(target, link).doing("create", link)
}

/// The server opens only data of its own account.
fn check_data(data: &Path, runner: &Runner) -> Result<(), EmbeddedError> {
    match fs::symlink_metadata(data) {
        Ok(metadata) if metadata.uid() != runner.uid() => {
            let reason = format!(
                "it belongs to user id {}; run as that user or as root, or remove it",
                metadata.uid()
            );
            Err(EmbeddedError::Directory { path: data.to_owned(), reason })
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).doing("look at", data),
    }
}
