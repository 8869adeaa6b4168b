//! Accounts of the operating system, read from `/etc/passwd`: std has no other safe way.

use std::fs;

/// One line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// The first account that fits.
    pub(super) fn find(fits: impl Fn(&Self) -> bool) -> Option<Self> {
        let text = fs::read_to_string("/etc/passwd").ok()?;
        text.lines().filter_map(Self::parse).find(fits)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name, uid, gid })
    }
}

/// Who runs this process: `USER`, or the name of its user id.
pub(super) fn current_user(environment: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let from_id = || {
        let uid = effective_uid()?;
        Account::find(|account| account.uid == uid).map(|account| account.name)
    };
    environment("USER").filter(|user| !user.is_empty()).or_else(from_id)
}

/// The user id of this process: the owner of `/proc/self` on Linux, what `id -u` says elsewhere.
#[cfg(unix)]
pub(super) fn effective_uid() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    if let Ok(metadata) = fs::metadata("/proc/self") {
        return Some(metadata.uid());
    }
    let output = std::process::Command::new("id").arg("-u").output().ok()?;
    str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}

#[cfg(not(unix))]
pub(super) fn effective_uid() -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_by_position() {
        let account =
            Account::parse("postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash");
        assert_eq!(account, Some(Account { name: "postgres".to_owned(), uid: 101, gid: 104 }));
        assert_eq!(Account::parse("# comment"), None);
    }

    #[test]
    fn the_environment_names_the_user_first() {
        assert_eq!(current_user(&|_: &str| Some("ada".to_owned())).as_deref(), Some("ada"));
        assert_eq!(
            current_user(&|_: &str| None),
            Account::find(|it| Some(it.uid) == effective_uid()).map(|it| it.name)
        );
    }
}
