use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// The application's keys by version, the first of them version 1.
pub struct Keys(Vec<LessSafeKey>);

/// A secret that does not open, or a version without a key. Says nothing about the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The version of the key.
    pub version: i16,
}

impl Keys {
    /// Keys of 32 bytes each, as a key store gives them.
    ///
    /// # Errors
    /// See [`Refused`]: never, because AES-256 takes any 32 bytes.
    pub fn new(keys: &[[u8; 32]]) -> Result<Self, Refused> {
        let refused = |_| Refused { version: 0 };
        let key = |bytes| UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(refused);
        keys.iter().map(|bytes| key(bytes)).collect::<Result<_, _>>().map(Self)
    }

    /// Nonce, ciphertext and tag. The account is authenticated as well: copied into another row, it does not open.
    ///
    /// # Errors
    /// There is no key of that version.
    pub fn seal(&self, version: i16, account: i64, secret: &[u8]) -> Result<Vec<u8>, Refused> {
        let refused = |_| Refused { version };
        let mut nonce = [0; NONCE_LEN];
        // A new one each time, also for the same row: a nonce that is used twice gives both texts away.
        SystemRandom::new().fill(&mut nonce).map_err(refused)?;
        let mut sealed = secret.to_vec();
        let aad = Aad::from(account.to_be_bytes());
        self.key(version)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(refused)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The secret.
    ///
    /// # Errors
    /// It was sealed with another key or for another account, or was changed.
    pub fn open(&self, version: i16, account: i64, sealed: &[u8]) -> Result<Vec<u8>, Refused> {
        let refused = |_| Refused { version };
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Refused { version })?;
        let (aad, mut text) = (Aad::from(account.to_be_bytes()), text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        Ok(self.key(version)?.open_in_place(nonce, aad, &mut text).map_err(refused)?.to_vec())
    }

    fn key(&self, version: i16) -> Result<&LessSafeKey, Refused> {
        let place = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        place.and_then(|place| self.0.get(place)).ok_or(Refused { version })
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "open or seal a secret with key {}", self.version)
    }
}

impl std::error::Error for Refused {}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} keys", self.0.len())
    }
}
