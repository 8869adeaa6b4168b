//! Whether only root and ourselves could have put a program where it was found.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// As in Linux itself.
const MOST_LINKS: u8 = 40;

const STICKY: u32 = 0o1000;

/// Whom to trust with what is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trust {
    /// The account that runs it; root is trusted anyway.
    pub(super) uid: u32,
    /// A group may write: usual below `/usr/local` and Homebrew, where the group is the machine's owner.
    /// Never when we are root.
    pub(super) group: bool,
}

impl Trust {
    /// Checks a file or directory and all above it, and where links on the way lead.
    /// The error says what is wrong with which of them.
    pub(super) fn check(self, path: &Path) -> Result<(), String> {
        self.walk(path, true, MOST_LINKS)
    }

    fn walk(self, path: &Path, to_leaf: bool, links: u8) -> Result<(), String> {
        for step in path.ancestors().filter(|step| !step.as_os_str().is_empty()) {
            let shown = step.display();
            let failed = |error| format!("look at {shown}: {error}");
            let metadata = fs::symlink_metadata(step).map_err(failed)?;
            if ![0, self.uid].contains(&metadata.uid()) {
                return Err(format!("{shown} belongs to user id {}", metadata.uid()));
            }
            let leaf = to_leaf && step == path;
            if metadata.is_symlink() {
                let links = links.checked_sub(1).ok_or_else(|| format!("{shown} is a link without end"))?;
                let target = fs::read_link(step).map_err(failed)?;
                self.walk(&step.parent().unwrap_or(step).join(target), leaf, links)?;
            } else if self.others_may_change(metadata.permissions().mode(), leaf) {
                return Err(format!("others may write to {shown}"));
            }
        }
        Ok(())
    }

    /// In a sticky directory others can add, but not replace what is on our way.
    fn others_may_change(self, mode: u32, leaf: bool) -> bool {
        let writable = if self.group { 0o002 } else { 0o022 };
        mode & writable != 0 && (leaf || mode & STICKY == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn nobody_else_may_write_to_the_way_or_the_program() {
        // In `/tmp`, which is sticky.
        let directory = tempfile::tempdir().unwrap();
        let (above, bin) = (directory.path().join("above"), directory.path().join("above/bin"));
        fs::create_dir_all(&bin).unwrap();
        let program = bin.join("postgres");
        fs::write(&program, "").unwrap();
        let uid = fs::metadata(&program).unwrap().uid();
        let trusted = |group| Trust { uid, group }.check(&program).is_ok();
        for (path, usual) in [(&above, 0o755), (&bin, 0o755), (&program, 0o755)] {
            set(path, usual);
        }
        assert!(trusted(false) && trusted(true));
        for path in [&above, &bin, &program] {
            for (mode, strict, lenient) in [(0o775, false, true), (0o757, false, false), (0o755, true, true)]
            {
                set(path, mode);
                assert_eq!((trusted(false), trusted(true)), (strict, lenient), "{mode:o} {path:?}");
            }
        }
        set(&above, 0o1777);
        assert!(trusted(false), "a sticky directory above");
        assert!(Trust { uid, group: false }.check(&above).is_err(), "a sticky directory itself");
        assert!(Trust { uid, group: false }.check(&bin.join("missing")).is_err());
    }

    #[test]
    fn links_are_followed_step_by_step() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().join("real");
        fs::create_dir(&real).unwrap();
        set(&real, 0o755);
        let uid = fs::metadata(&real).unwrap().uid();
        let trust = Trust { uid, group: false };
        let link = directory.path().join("link");
        symlink("real", &link).unwrap();
        assert_eq!(trust.check(&link), Ok(()));
        set(&real, 0o777);
        assert!(trust.check(&link).is_err());
        let endless = directory.path().join("endless");
        symlink("endless", &endless).unwrap();
        assert!(trust.check(&endless).is_err());
    }

    #[test]
    fn another_owner_is_not_trusted() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        symlink("/usr", &link).unwrap();
        let trust = Trust { uid: 0, group: false };
        if fs::metadata(directory.path()).unwrap().uid() != 0 {
            assert!(trust.check(&link).is_err());
            return;
        }
        assert_eq!(trust.check(&link), Ok(()));
        std::os::unix::fs::lchown(&link, Some(64_000), None).unwrap();
        assert!(trust.check(&link).is_err(), "the target is safe, the link is not");
        std::os::unix::fs::lchown(directory.path(), Some(64_000), None).unwrap();
        let trust = Trust { uid: 64_000, group: false };
        assert_eq!(trust.check(&link), Ok(()));
    }
}
