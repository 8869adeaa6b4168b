use std::fmt;

use sha2::{Digest, Sha256};

use crate::words::hex;

/// Why there is no new secret.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("make a secret: the operating system has no random bytes: {0}; nothing was changed")]
pub struct RandomError(#[from] getrandom::Error);

/// Random bytes of a secret. Nobody guesses 256 bits, so a plain SHA-256 keeps them: a slow hash is for passwords.
const LENGTH: usize = 32;

/// A new secret, as 64 hexadecimal digits.
pub(super) fn random() -> Result<String, RandomError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A number for the rows of one request.
pub(super) fn random_number() -> Result<String, RandomError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Whether a text can be a secret at all, so that nothing else is hashed or looked up.
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == 2 * LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What is kept of a secret.
///
/// Secrets are only ever compared by it, and looked up by it. How long that takes tells how much of two hashes agrees, and
/// nobody who does not know the secret can say which hash a guess will have: there is nothing to come nearer to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of a secret; `purpose` keeps the hashes of one kind from being those of another.
    pub(super) fn of(purpose: &str, secret: &str) -> Self {
        let hash = Sha256::new().chain_update(purpose).chain_update(secret);
        Self(hash.finalize().into())
    }

    /// As `hardtack.token` has it.
    pub(super) fn text(self) -> String {
        hex(&self.0)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_secrets_and_differ() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_ne!(one, other);
        assert!(is_secret(&one) && is_secret(&other));
        for wrong in ["", &one[1..], &format!("{one}0"), &one.to_uppercase(), &one.replace(['0', 'a'], "ä")]
        {
            assert!(!is_secret(wrong) || *wrong == one, "{wrong}");
        }
    }

    #[test]
    fn a_hash_is_the_servers_own_and_does_not_show() {
        let hash = SecretHash::of("", "abc");
        assert_eq!(hash.text(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(format!("{hash:?}"), "***");
        assert_ne!(hash, SecretHash::of("session ", "abc"));
    }
}
