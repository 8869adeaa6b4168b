//! To whom a backup is encrypted, and who can read it.

#[cfg(feature = "encrypt")]
pub(super) use with_age::Encryptor;
#[cfg(feature = "encrypt")]
pub use with_age::{Identities, Recipients};
#[cfg(not(feature = "encrypt"))]
pub(super) use without::Encryptor;
#[cfg(not(feature = "encrypt"))]
pub use without::{Identities, Recipients};

#[cfg(feature = "encrypt")]
mod with_age {
    use std::fmt;
    use std::io::{self, BufReader, Read, Write};
    use std::path::Path;
    use std::sync::Arc;

    use age::x25519::Recipient;

    /// Who shall be able to read a backup; nobody in particular where it is empty, and then it is not encrypted.
    #[derive(Clone, Default)]
    pub struct Recipients(Vec<Recipient>);

    /// The keys that somebody has for reading.
    #[derive(Clone, Default)]
    pub struct Identities(Arc<Vec<Box<dyn age::Identity + Send + Sync>>>);

    /// Encrypts, or does not.
    pub(in crate::backup) enum Encryptor<W: Write> {
        Age(Box<age::stream::StreamWriter<W>>),
        Plain(W),
    }

    impl Recipients {
        /// Public keys of age: `age1..`.
        ///
        /// # Errors
        /// One of them is none.
        pub fn parse<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
            let parse = |key: &str| {
                key.parse::<Recipient>().map_err(|_| {
                    format!("{key:?} is no public key of age; `age-keygen -y` writes one, age1..")
                })
            };
            keys.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        pub(in crate::backup) fn encrypt<W: Write>(&self, writer: W) -> io::Result<Encryptor<W>> {
            if self.is_empty() {
                return Ok(Encryptor::Plain(writer));
            }
            let recipients = self.0.iter().map(|recipient| recipient as &dyn age::Recipient);
            let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
            Ok(Encryptor::Age(Box::new(encryptor.wrap_output(writer)?)))
        }
    }

    impl FromIterator<Self> for Recipients {
        fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
            Self(all.into_iter().flat_map(|recipients| recipients.0).collect())
        }
    }

    impl Identities {
        /// Reads a file of secret keys, as `age-keygen` writes it.
        ///
        /// # Errors
        /// It cannot be read, or is no such file.
        pub fn read(file: &Path) -> io::Result<Self> {
            let read = age::IdentityFile::from_buffer(BufReader::new(std::fs::File::open(file)?))?;
            let identities = read.into_identities().map_err(io::Error::other)?;
            Ok(Self(Arc::new(identities)))
        }

        /// Whether there are none.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        pub(in crate::backup) fn decrypt(
            &self,
            reader: Box<dyn Read + Send>,
        ) -> io::Result<Box<dyn Read + Send>> {
            if self.is_empty() {
                return Err(io::Error::other(
                    "it is encrypted; give the file of a key in HARDTACK_BACKUP_IDENTITY",
                ));
            }
            let decryptor = age::Decryptor::new_buffered(BufReader::new(reader)).map_err(io::Error::other)?;
            let identities = self.0.iter().map(|identity| &**identity as &dyn age::Identity);
            Ok(Box::new(decryptor.decrypt(identities).map_err(io::Error::other)?))
        }
    }

    impl<W: Write> Encryptor<W> {
        pub(in crate::backup) fn finish(self) -> io::Result<W> {
            match self {
                Self::Age(writer) => writer.finish(),
                Self::Plain(writer) => Ok(writer),
            }
        }
    }

    impl<W: Write> Write for Encryptor<W> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            match self {
                Self::Age(writer) => writer.write(text),
                Self::Plain(writer) => writer.write(text),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            match self {
                Self::Age(writer) => writer.flush(),
                Self::Plain(writer) => writer.flush(),
            }
        }
    }

    impl fmt::Debug for Recipients {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.debug_list().entries(self.0.iter().map(ToString::to_string)).finish()
        }
    }

    impl fmt::Debug for Identities {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            // They are secret.
            formatter.debug_tuple("Identities").field(&self.0.len()).finish()
        }
    }
}

#[cfg(not(feature = "encrypt"))]
mod without {
    use std::io::{self, Read, Write};
    use std::path::Path;

    const NEEDED: &str = "this program cannot encrypt or decrypt: it was built without the feature `encrypt`";

    /// Who shall be able to read a backup: nobody in particular, for this program cannot encrypt.
    #[derive(Clone, Debug, Default)]
    pub struct Recipients(());

    /// The keys that somebody has for reading: none, for this program cannot decrypt.
    #[derive(Clone, Debug, Default)]
    pub struct Identities(());

    /// Passes on what it is given.
    pub(in crate::backup) struct Encryptor<W>(W);

    impl Recipients {
        /// Public keys of age: `age1..`.
        ///
        /// # Errors
        /// There are some.
        pub fn parse<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
            keys.into_iter().next().map_or(Ok(Self(())), |_| Err(NEEDED.to_owned()))
        }

        #[expect(clippy::unused_self, reason = "the same face with the feature")]
        pub(crate) fn is_empty(&self) -> bool {
            true
        }

        #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same face with the feature")]
        pub(in crate::backup) fn encrypt<W: Write>(&self, writer: W) -> io::Result<Encryptor<W>> {
            Ok(Encryptor(writer))
        }
    }

    impl FromIterator<Self> for Recipients {
        fn from_iter<I: IntoIterator<Item = Self>>(_: I) -> Self {
            Self(())
        }
    }

    impl Identities {
        /// Reads a file of secret keys, as `age-keygen` writes it.
        ///
        /// # Errors
        /// Always.
        pub fn read(_: &Path) -> io::Result<Self> {
            Err(io::Error::other(NEEDED))
        }

        /// Whether there are none.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            true
        }

        #[expect(clippy::unused_self, reason = "the same face with the feature")]
        pub(in crate::backup) fn decrypt(&self, _: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
            Err(io::Error::other(NEEDED))
        }
    }

    impl<W: Write> Encryptor<W> {
        #[expect(clippy::unnecessary_wraps, reason = "the same face with the feature")]
        pub(in crate::backup) fn finish(self) -> io::Result<W> {
            Ok(self.0)
        }
    }

    impl<W: Write> Write for Encryptor<W> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
}
