use std::fmt::Write;
use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

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
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
