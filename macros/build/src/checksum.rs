use std::fmt::Write;
use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

use crate::revision::Revision;

/// The checksum that refinery's history table holds for a revision, when refinery was built with 64-bit
/// versions (`int8-versions`), as hardtack builds it.
#[must_use]
pub fn refinery_checksum(name: &str, version: i64, sql: &str) -> u64 {
    sip(name, version, sql)
}

/// The checksum of the same revision in a history that refinery wrote with its default 32-bit versions: what
/// a database holds that is moved to hardtack.
#[must_use]
pub fn refinery_checksum_int4(name: &str, version: i32, sql: &str) -> u64 {
    sip(name, version, sql)
}

fn sip(name: &str, version: impl Hash, sql: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    name.hash(&mut hasher);
    version.hash(&mut hasher);
    sql.hash(&mut hasher);
    hasher.finish()
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hexadecimal(Sha256::digest(text.as_bytes()))
}

/// Whether a snapshot's text is what was written: it holds the SHA-256 of itself, with nothing where that stands and LF at line ends.
pub(crate) fn is_as_written(text: &str) -> bool {
    let begin = "\"fingerprint\":\"";
    let split = text.split_once(begin).and_then(|(head, rest)| Some((head, rest.split_once('"')?)));
    split.is_some_and(|(head, (fingerprint, tail))| {
        sha256(&format!("{head}{begin}\"{tail}").replace("\r\n", "\n")) == fingerprint
    })
}

/// What stands for the revisions of a history up to one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(Sha256);

impl History {
    /// Goes on to the next revision in order of version.
    pub(crate) fn push(&mut self, revision: &Revision) {
        self.0.update(format!("{} {}\n", revision.stem(), revision.sha256));
    }

    /// SHA-256 of the revisions' stems and hashes, a line each.
    pub(crate) fn sha256(&self) -> String {
        hexadecimal(self.0.clone().finalize())
    }
}

fn hexadecimal(digest: impl IntoIterator<Item = u8>) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, version, text, and what refinery-core 0.10's `Migration::unapplied` makes of them without and with
    /// its feature `int8-versions`.
    const GOLDEN: [(&str, i32, &str, u64, u64); 3] = [
        (
            "accounts",
            1,
            "create table accounts (id bigint primary key);\n",
            13_496_237_536_313_432_515,
            6_761_373_883_635_948_932,
        ),
        ("größe", 20_240_101, "select 'ü', $$\\$$;", 12_005_100_748_307_567_172, 12_784_893_734_791_761_028),
        ("x", i32::MAX, "", 8_702_725_734_937_231_574, 3_184_511_850_291_665_676),
    ];

    #[test]
    fn checksums_are_refinerys() {
        for (name, version, sql, int4, int8) in GOLDEN {
            assert_eq!(refinery_checksum_int4(name, version, sql), int4, "{name}");
            assert_eq!(refinery_checksum(name, i64::from(version), sql), int8, "{name}");
        }
    }

    #[test]
    fn sha256_is_that_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(""), empty);
    }
}
