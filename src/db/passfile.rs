//! libpq's password file: `host:port:database:user:password` lines, `*` for any, `\:` and `\\`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::config::Secret;

/// The entries of a password file, in order; the first that fits is used.
#[derive(Debug, Clone, Default)]
pub(super) struct Passfile {
    entries: Arc<[Entry]>,
}

#[derive(Debug)]
struct Entry {
    /// Host, port, database, user.
    pattern: [String; 4],
    password: Secret,
}

impl Passfile {
    /// Reads a file; one that is missing counts as empty, one that others can read is not trusted.
    pub(super) fn read(path: &Path) -> Self {
        let Ok(metadata) = fs::metadata(path) else { return Self::default() };
        if !metadata.is_file() {
            tracing::warn!(path = %path.display(), "the password file is not a plain file; ignored");
            return Self::default();
        }
        if readable_by_others(&metadata) {
            tracing::warn!(path = %path.display(), "the password file can be read by others; ignored until its mode is 0600");
            return Self::default();
        }
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the password file cannot be read; ignored");
                Self::default()
            }
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        let entries = text.lines().filter(|line| !line.starts_with('#')).filter_map(Entry::parse);
        Self { entries: entries.collect() }
    }

    /// The password for a connection. Sockets are asked for as `localhost`, as in libpq.
    pub(super) fn find(&self, host: &str, port: u16, database: &str, user: &str) -> Option<&Secret> {
        let host = if host.starts_with('/') { "localhost" } else { host };
        let wanted = [host, &port.to_string(), database, user];
        self.entries.iter().find(|entry| entry.fits(wanted)).map(|entry| &entry.password)
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = split_fields(line).into_iter();
        let pattern = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
        // libpq stops the password at an unescaped colon as well.
        fields
            .next()
            .filter(|password| !password.is_empty())
            .map(|password| Self { pattern, password: Secret::new(password) })
    }

    fn fits(&self, wanted: [&str; 4]) -> bool {
        self.pattern.iter().zip(wanted).all(|(pattern, value)| pattern == "*" || pattern == value)
    }
}

fn split_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.len() - 1;
        match character {
            '\\' => fields[last].extend(characters.next()),
            ':' => fields.push(String::new()),
            other => fields[last].push(other),
        }
    }
    fields
}

#[cfg(unix)]
fn readable_by_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn readable_by_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, host: &str, user: &str) -> Option<String> {
        Passfile::parse(text).find(host, 5432, "db", user).map(|found| found.expose().to_owned())
    }

    #[test]
    fn the_first_fitting_line_counts() {
        let text = "# comment\nother:*:*:*:no\nhost:5432:db:me:first\n*:*:*:*:second\n";
        assert_eq!(find(text, "host", "me").as_deref(), Some("first"));
        assert_eq!(find(text, "host", "you").as_deref(), Some("second"));
        assert_eq!(find("host:1:db:me:x", "host", "me"), None);
    }

    #[test]
    fn escapes_and_sockets() {
        assert_eq!(find(r"localhost:*:*:a\:b:p\:q\\r", "/tmp", "a:b").as_deref(), Some(r"p:q\r"));
        assert_eq!(find("short:line", "short", "x"), None);
        assert_eq!(find("*:*:*:*:", "h", "x"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_ignored() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "*:*:*:*:open").unwrap();
        for (mode, found) in [(0o644, false), (0o640, false), (0o600, true)] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Passfile::read(file.path()).find("h", 1, "d", "u").is_some(), found);
        }
        assert!(Passfile::read(Path::new("/nowhere/at/all")).entries.is_empty());
    }
}
