//! What is asked of TLS: plain options, with libpq's defaults.

use std::path::{Path, PathBuf};

use crate::config::SslMode;
use crate::db::options::OptionsError;

/// `sslmode` and the files that go with it.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only a handshake asks for the files"))]
pub(super) struct SslOptions {
    pub(super) mode: SslMode,
    pub(super) roots: Roots,
    /// Certificate and key to show to the server.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
    /// TLS from the first byte (`sslnegotiation=direct`), which wants ALPN.
    pub(super) direct: bool,
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Nobody was named and libpq's default file does not exist; the path says where it was looked for.
    Missing(PathBuf),
    File(PathBuf),
    /// The machine's own (`sslrootcert=system`).
    System,
}

impl SslOptions {
    /// Resolves `[sslrootcert, sslcert, sslkey]` over the defaults below `~/.postgresql`.
    pub(super) fn new(
        mode: Option<SslMode>,
        [root, certificate, key]: [Option<String>; 3],
        home: Option<&Path>,
        direct: bool,
    ) -> Result<Self, OptionsError> {
        let directory = home.unwrap_or(Path::new("~")).join(".postgresql");
        let roots = match root {
            Some(word) if word == "system" => Roots::System,
            Some(path) => Roots::File(path.into()),
            None => Roots::default_file(directory.join("root.crt")),
        };
        let mode = match (mode, &roots) {
            // The whole world's authorities prove nothing without the name, so libpq wants verify-full here.
            (None | Some(SslMode::VerifyFull), Roots::System) => SslMode::VerifyFull,
            (Some(weaker), Roots::System) => return Err(weak_system_roots(weaker)),
            (mode, _) => mode.unwrap_or_default(),
        };
        let given = certificate.is_some() || key.is_some();
        let certificate = certificate.map_or_else(|| directory.join("postgresql.crt"), PathBuf::from);
        let key = key.map_or_else(|| directory.join("postgresql.key"), PathBuf::from);
        let identity = (given || certificate.exists()).then_some((certificate, key));
        Ok(Self { mode, roots, identity, direct })
    }
}

impl Roots {
    fn default_file(path: PathBuf) -> Self {
        if path.exists() { Self::File(path) } else { Self::Missing(path) }
    }
}

fn weak_system_roots(mode: SslMode) -> OptionsError {
    let reason = format!("sslrootcert=system needs sslmode=verify-full, not {mode}");
    OptionsError::Invalid { key: "sslmode", reason }
}
