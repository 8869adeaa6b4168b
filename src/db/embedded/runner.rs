//! As whom the server's programs run: PostgreSQL refuses root.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::db::account::{Account, effective_uid};
use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::trust::Trust;

/// Runs programs as ourselves, or as another account when we are root.
#[derive(Debug, Clone)]
pub(in crate::db) struct Runner {
    uid: u32,
    /// Set when we are root and have to become somebody else.
    other: Option<Account>,
}

/// Whom root becomes where no data says otherwise.
const USUAL: [&str; 2] = ["postgres", "nobody"];

impl Runner {
    /// Ourselves, or as root the owner of the data there is, else `postgres`, else `nobody`.
    pub(in crate::db) fn for_data(data: Option<&Path>) -> Result<Self, EmbeddedError> {
        match effective_uid() {
            Some(0) => {
                let owner = data.and_then(owner_of);
                let usual = || USUAL.into_iter().find_map(|name| Account::find(|it| it.name == name));
                let account = owner.or_else(usual).ok_or(EmbeddedError::NoAccount)?;
                Ok(Self { uid: account.uid, other: Some(account) })
            }
            uid => Ok(Self { uid: uid.unwrap_or(u32::MAX), other: None }),
        }
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// A command in a neutral place and language, without the `PG*` variables that would redirect it.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some(libraries) = private_libraries(program) {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some(account) = &self.other {
            command.gid(account.gid).uid(account.uid);
        }
        command
    }

    /// A script of the shell, run as the account; arguments become `$1` and so on.
    pub(super) fn script(&self, script: &str) -> Command {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", script, "sh"]);
        command
    }

    /// A command that writes to a log. The account opens the file, so that a link the account put there
    /// leads root nowhere.
    pub(super) fn logged_command(&self, program: &Path, log: &Path) -> Command {
        let mut command = self.script("log=$1; shift; umask 077; exec \"$@\" >\"$log\" 2>&1");
        if let Some(libraries) = private_libraries(program) {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command.arg(log).arg(program).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The end of a file as far as the account may read it, else nothing.
    pub(in crate::db) fn end_of(&self, file: &Path) -> String {
        let output = self.script("[ -f \"$1\" ] && tail -n 12 \"$1\"").arg(file).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }

    /// Whether we are root and become somebody else.
    pub(in crate::db) fn drops(&self) -> bool {
        self.other.is_some()
    }

    /// Says what is wrong when others than root and the account could have changed a program.
    pub(super) fn check_trusted(&self, path: &Path) -> Result<(), String> {
        Trust { uid: self.uid, group: !self.drops() }.check(path)
    }

    /// Whether the account may pass through a directory and all above it, by their permission bits.
    pub(super) fn can_enter(&self, directory: &Path) -> bool {
        let Some(account) = &self.other else { return true };
        directory.ancestors().all(|step| {
            fs::metadata(step).is_ok_and(|metadata| {
                let mode = metadata.permissions().mode();
                let bit = match (metadata.uid() == account.uid, metadata.gid() == account.gid) {
                    (true, _) => 0o100,
                    (false, true) => 0o010,
                    (false, false) => 0o001,
                };
                mode & bit != 0
            })
        })
    }

    /// Whether the account can make, and later remove, directories in one that everybody shares.
    pub(super) fn can_add_to(&self, directory: &Path) -> bool {
        let shared = || fs::metadata(directory).is_ok_and(|it| it.permissions().mode() & 0o002 != 0);
        !self.drops() || (shared() && self.can_enter(directory))
    }

    /// Makes a directory only the account can enter, or checks that an existing one is such.
    pub(super) fn own_directory(&self, path: &Path) -> Result<(), EmbeddedError> {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => self.give(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => self.check_owned(path),
            Err(error) => Err(error).doing("create", path),
        }
    }

    /// Hands a file or directory to the account.
    pub(in crate::db) fn give(&self, path: &Path) -> Result<(), EmbeddedError> {
        let Some(account) = &self.other else { return Ok(()) };
        let file = fs::File::open(path).doing("open", path)?;
        let opened = file.metadata().doing("look at", path)?;
        let named = fs::symlink_metadata(path).doing("look at", path)?;
        // Where others may write, a link or a name of something else can have taken its place.
        let ours = named.uid() == 0 && (named.is_dir() || named.nlink() == 1);
        if !ours || (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
            let reason = "it was replaced while it was made; see who can write to the directory above it";
            return Err(EmbeddedError::Directory { path: path.to_owned(), reason: reason.to_owned() });
        }
        std::os::unix::fs::fchown(&file, Some(account.uid), Some(account.gid))
            .doing("change the owner of", path)
    }

    /// In a directory everybody can write to, somebody else could have made ours first.
    fn check_owned(&self, path: &Path) -> Result<(), EmbeddedError> {
        let metadata = fs::symlink_metadata(path).doing("look at", path)?;
        let refuse = |reason: String| Err(EmbeddedError::Directory { path: path.to_owned(), reason });
        if !metadata.is_dir() {
            return refuse("it is not a directory; remove it".to_owned());
        }
        if metadata.uid() != self.uid {
            return refuse(format!(
                "it belongs to user id {}, not to {}; remove it or run as its owner",
                metadata.uid(),
                self.uid
            ));
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            return refuse("others may enter it; make its mode 0700".to_owned());
        }
        Ok(())
    }
}

/// Who owns the data that is there, unless it is root, whom the server refuses.
///
/// A link leads to `/var/tmp`, where anybody could have made anew what was cleaned up: it counts for the
/// accounts that such a place is made for, and [`Runner::own_directory`] refuses it for others.
fn owner_of(data: &Path) -> Option<Account> {
    let metadata = fs::metadata(data).ok().filter(|metadata| metadata.uid() != 0)?;
    if fs::symlink_metadata(data).ok()?.is_symlink() {
        return Account::find(|it| it.uid == metadata.uid() && USUAL.contains(&it.name.as_str()));
    }
    let unnamed = Account { name: metadata.uid().to_string(), uid: metadata.uid(), gid: metadata.gid() };
    Some(Account::find(|account| account.uid == metadata.uid()).unwrap_or(unnamed))
}

/// Fetched programs bring their own libpq; without this some extensions load the system's.
fn private_libraries(program: &Path) -> Option<std::path::PathBuf> {
    let libraries = program.parent()?.parent()?.join("lib");
    libraries.join("libpq.so.5").exists().then_some(libraries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_does_not_choose_the_account() {
        if effective_uid() != Some(0) {
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let (data, link) = (directory.path().join("elsewhere"), directory.path().join("data"));
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::chown(&data, Some(64_000), Some(64_000)).unwrap();
        std::os::unix::fs::symlink(&data, &link).unwrap();
        let usual = Runner::for_data(None).unwrap();
        assert_eq!(Runner::for_data(Some(&data)).unwrap().uid(), 64_000);
        assert_eq!(Runner::for_data(Some(&link)).unwrap().uid(), usual.uid());
        assert!(usual.own_directory(&data).is_err(), "it belongs to somebody else");
        assert!(usual.own_directory(&link).is_err(), "it is a link");
        assert!(usual.give(&link).is_err());
        assert_eq!(fs::metadata(&data).unwrap().uid(), 64_000);
        let made = directory.path().join("made");
        usual.own_directory(&made).unwrap();
        assert_eq!(fs::metadata(&made).unwrap().uid(), usual.uid());
    }

    #[test]
    fn permission_bits_decide_who_enters() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let stranger = Account { name: "stranger".to_owned(), uid: 64_000, gid: 64_000 };
        let runner = Runner { uid: stranger.uid, other: Some(stranger) };
        for (mode, enters) in [(0o700, false), (0o711, true), (0o750, false)] {
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(runner.can_enter(&inner), enters, "{mode:o}");
        }
        assert!(runner.check_owned(&inner).is_err());
    }
}
