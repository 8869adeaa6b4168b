//! Stands in for TLS in a build without the `tls` feature: clear text or a refusal.

use std::sync::Arc;

use tokio_postgres::tls::{MakeTlsConnect, NoTls, NoTlsError, NoTlsStream};

use crate::db::ssl::SslOptions;

/// Makes no TLS connections.
#[derive(Clone)]
pub(super) struct Tls;

/// The error a TLS connection has, which never comes to be.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {}

impl TlsError {
    pub(super) fn is_local(&self) -> bool {
        match *self {}
    }
}

impl Tls {
    pub(super) fn new(_: Arc<SslOptions>) -> Self {
        Self
    }
}

impl<S> MakeTlsConnect<S> for Tls {
    type Stream = NoTlsStream;
    type TlsConnect = NoTls;
    type Error = NoTlsError;

    fn make_tls_connect(&mut self, _: &str) -> Result<NoTls, NoTlsError> {
        Ok(NoTls)
    }
}
