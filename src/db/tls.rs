//! TLS by rustls with libpq's meanings of `sslmode`.
//!
//! The rustls configuration (reading root certificates takes milliseconds) is built when the first server has
//! agreed to TLS, not before, and once for all connections of the same options.

use std::error::Error;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_postgres::Socket;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::SslMode;
use crate::db::ssl::{Roots, SslOptions};
use crate::db::verifier::{Trust, Verifier};

/// Makes TLS connections for one set of options; clones share the built configuration.
#[derive(Clone)]
pub(super) struct Tls {
    options: Arc<SslOptions>,
    built: Arc<OnceLock<MakeRustlsConnect>>,
}

/// Why TLS could not be set up, told apart from a failed handshake: the user's files are at fault.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
    #[error("there is no root certificate file {0}; provide it, use sslrootcert=system, or change sslmode")]
    NoRoots(String),
    #[error("{0}")]
    Handshake(Box<dyn Error + Send + Sync>),
}

impl TlsError {
    /// Whether the fault is in files of this machine rather than in the server's certificate.
    pub(super) fn is_local(&self) -> bool {
        !matches!(self, Self::Handshake(_))
    }
}

impl Tls {
    pub(super) fn new(options: Arc<SslOptions>) -> Self {
        Self { options, built: Arc::default() }
    }

    fn connector(&self) -> Result<MakeRustlsConnect, TlsError> {
        if let Some(built) = self.built.get() {
            return Ok(built.clone());
        }
        let built = MakeRustlsConnect::new(client_config(&self.options)?);
        Ok(self.built.get_or_init(|| built).clone())
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = Handshake;
    type Error = TlsError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, TlsError> {
        Ok(Handshake { tls: self.clone(), domain: domain.to_owned() })
    }
}

/// A handshake that has not begun.
pub(super) struct Handshake {
    tls: Tls,
    domain: String,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = <Tls as MakeTlsConnect<Socket>>::Stream;
    type Error = TlsError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, TlsError>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move {
            let mut connector = self.tls.connector()?;
            let connect = MakeTlsConnect::<Socket>::make_tls_connect(&mut connector, &self.domain);
            let connect = connect.map_err(|error| TlsError::Handshake(error.into()))?;
            connect.connect(stream).await.map_err(|error| TlsError::Handshake(error.into()))
        })
    }
}

fn client_config(options: &SslOptions) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(provider.signature_verification_algorithms, trust(options)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Handshake(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(read_certificates(certificate)?, read_key(key)?)
            .map_err(|error| file_error(certificate, &error))?,
    };
    if options.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// What libpq checks in each mode. `require` checks the chain when there is a root certificate file.
fn trust(options: &SslOptions) -> Result<Trust, TlsError> {
    let name = options.mode == SslMode::VerifyFull;
    match (options.mode, &options.roots) {
        (SslMode::Disable | SslMode::Allow | SslMode::Prefer, _) | (SslMode::Require, Roots::Missing(_)) => {
            Ok(Trust::Anyone)
        }
        (_, Roots::Missing(path)) => Err(TlsError::NoRoots(path.display().to_string())),
        (_, Roots::File(path)) => {
            Trust::roots(read_certificates(path)?, name).map_err(|error| file_error(path, &error))
        }
        (_, Roots::System) => {
            let loaded = rustls_native_certs::load_native_certs();
            Ok(Trust::system_roots(loaded.certs, name))
        }
    }
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(file_error(path, &"it holds no certificate")),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(file_error(path, &error)),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| file_error(path, &error))
}

fn file_error(path: &Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { file: path.display().to_string(), reason: reason.to_string() }
}
