//! Judging a server's certificate as libpq does, rather than as a browser would.
//!
//! Two habits of PostgreSQL installations differ from the web's: a self-signed certificate that is also the
//! root file of its clients, and host names in the subject's common name without a subject alternative name.
//! Both are accepted here as OpenSSL and libpq accept them. One is not: X.509 version 1 certificates, which
//! `openssl x509 -req` makes when no extensions are given; rustls cannot read them.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Which servers are believed.
#[derive(Debug)]
pub(super) enum Trust {
    /// Encrypt, ask nothing.
    Anyone,
    Roots {
        store: RootCertStore,
        /// The same certificates whole: a server that shows one of them is believed.
        pinned: Vec<CertificateDer<'static>>,
        /// Whether the certificate must be for the host asked for.
        name: bool,
    },
}

impl Trust {
    /// Trusts these, all of which must be usable.
    pub(super) fn roots(certificates: Vec<CertificateDer<'static>>, name: bool) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        for certificate in &certificates {
            store.add(certificate.clone())?;
        }
        Ok(Self::Roots { store, pinned: certificates, name })
    }

    /// Trusts those of the machine's certificates that can be read.
    pub(super) fn system_roots(certificates: Vec<CertificateDer<'static>>, name: bool) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        Self::Roots { store, pinned: Vec::new(), name }
    }
}

/// A [`Trust`] in rustls's clothes.
#[derive(Debug)]
pub(super) struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    trust: Trust,
}

impl Verifier {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms, trust: Trust) -> Self {
        Self { algorithms, trust }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Trust::Roots { store, pinned, name } = &self.trust {
            let parsed = ParsedCertificate::try_from(end_entity)?;
            if pinned.iter().any(|certificate| certificate == end_entity) {
                verify_period(end_entity, now)?;
            } else {
                let algorithms = self.algorithms.all;
                verify_server_cert_signed_by_trust_anchor(&parsed, store, intermediates, now, algorithms)?;
            }
            if *name && let Err(error) = verify_server_name(&parsed, server_name) {
                verify_common_name(end_entity, server_name).ok_or(error)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.trust {
            // Whoever is not asked who they are need not prove it, and may show a certificate rustls cannot read.
            Trust::Anyone => Ok(HandshakeSignatureValid::assertion()),
            Trust::Roots { .. } => verify_tls12_signature(message, certificate, signature, &self.algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.trust {
            Trust::Anyone => Ok(HandshakeSignatureValid::assertion()),
            Trust::Roots { .. } => verify_tls13_signature(message, certificate, signature, &self.algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The one thing OpenSSL still checks of a certificate that is itself trusted.
fn verify_period(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let parsed = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let validity = parsed.tbs_certificate.validity;
    let now = now.as_secs();
    if now < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// libpq's fallback: the common name counts when there is no alternative name of a host or an address.
fn verify_common_name(certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> Option<()> {
    let parsed = Certificate::from_der(certificate).ok()?.tbs_certificate;
    let alternatives = parsed.get::<SubjectAltName>().ok()?;
    let names_hosts =
        |name: &GeneralName| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_));
    if alternatives.is_some_and(|(_, names)| names.0.iter().any(names_hosts)) {
        return None;
    }
    let mut attributes = parsed.subject.0.iter().flat_map(|part| part.0.iter());
    let common = attributes.rfind(|attribute| attribute.oid == COMMON_NAME)?;
    let common = str::from_utf8(common.value.value()).ok()?;
    match host {
        ServerName::DnsName(_) => fits(common, &host.to_str()),
        // No wildcard stands for part of an address.
        _ => common == host.to_str(),
    }
    .then_some(())
}

/// Whether a common name, which may begin with `*.`, is that of the host.
fn fits(common: &str, host: &str) -> bool {
    match common.strip_prefix("*.") {
        None => common.eq_ignore_ascii_case(host),
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn wildcards_stand_for_one_label() {
        assert!(fits("DB.example", "db.Example"));
        assert!(fits("*.example", "db.example"));
        assert!(!fits("*.example", "a.db.example"));
        assert!(!fits("*.example", "example"));
        assert!(!fits("*.example", ".example"));
        assert!(!fits("db.example", "db.example.evil"));
    }
}
