use std::error::Error;
use std::io;
use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::config::SslMode;
use crate::db::fault::is_lost;
use crate::db::options::{ConnectOptions, Host};
use crate::db::tls::TlsError;

/// Why there is no connection. Targets in messages never hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No server answered at the address.
    #[error(
        "reach a PostgreSQL server at {address}: {source}; check that it runs there and that the address is right"
    )]
    Unreachable {
        /// Host and port, or the socket's path.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The server did not finish the connection in time.
    #[error("connect to {target} within {timeout:?}; set connect_timeout (seconds) to wait longer")]
    TimedOut {
        /// The target, without the password.
        target: String,
        /// The limit that passed.
        timeout: Duration,
    },
    /// The server does not accept the user, or not with this password.
    #[error(
        "log in to {target} as `{user}`: {message}; check {}", to_check(.message)
    )]
    Authentication {
        /// The target, without the password.
        target: String,
        /// The user that was refused.
        user: String,
        /// The server's words.
        message: String,
    },
    /// The server has no such database.
    #[error(
        "open database `{database}` at {target}: it does not exist; create it, or correct the name in the URL"
    )]
    DatabaseMissing {
        /// The target, without the password.
        target: String,
        /// The database asked for.
        database: String,
    },
    /// The server is starting up, shutting down or recovering.
    #[error("connect to {target}: the server is not ready yet ({message}); try again in a moment")]
    NotReady {
        /// The target, without the password.
        target: String,
        /// The server's words.
        message: String,
    },
    /// All connection slots are taken.
    #[error(
        "connect to {target}: {message}; free a connection, or raise max_connections or the user's limit"
    )]
    TooManyConnections {
        /// The target, without the password.
        target: String,
        /// The server's words.
        message: String,
    },
    /// A host answered, but not as the kind of server that was asked for.
    #[error("use the server at {address}: {message} (target_session_attrs)")]
    WrongSessionKind {
        /// Host and port.
        address: String,
        /// What is wrong with it.
        message: String,
    },
    /// The server speaks clear text only.
    #[error(
        "encrypt the connection to {target}: the server does not offer TLS and sslmode={sslmode} requires it; turn `ssl` on in the server, or use sslmode=prefer"
    )]
    TlsRefused {
        /// The target, without the password.
        target: String,
        /// The mode asked for.
        sslmode: SslMode,
    },
    /// The handshake failed, most often because the server's certificate is not trusted.
    #[error("trust the server at {target} with sslmode={sslmode}: {reason}{hint}")]
    TlsHandshake {
        /// The target, without the password.
        target: String,
        /// The mode asked for.
        sslmode: SslMode,
        /// What rustls said.
        reason: String,
        /// What to do, where there is something known.
        hint: &'static str,
    },
    /// A certificate or key file cannot be used.
    #[error("prepare TLS for sslmode={sslmode}: {reason}")]
    TlsFiles {
        /// The mode asked for.
        sslmode: SslMode,
        /// Which file, and what is wrong with it.
        reason: String,
    },
    /// This build has no TLS.
    #[error(
        "connect with sslmode={sslmode}: this program was built without hardtack's feature `tls`; turn it on, or use sslmode=prefer"
    )]
    TlsFeature {
        /// The mode asked for.
        sslmode: SslMode,
    },
    /// The server refused for another reason.
    #[error("connect to {target}: {message} (SQLSTATE {code})")]
    Refused {
        /// The target, without the password.
        target: String,
        /// The SQLSTATE.
        code: String,
        /// The server's words.
        message: String,
    },
    /// The connection broke, or what answered does not speak PostgreSQL's protocol.
    #[error("talk to {target}: {source}{}", because(.source))]
    Broken {
        /// The target, without the password.
        target: String,
        /// What tokio-postgres said.
        source: tokio_postgres::Error,
    },
}

impl ConnectError {
    /// Whether trying again without changing anything may help: the server starts, or is full, or is away.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotReady { .. } | Self::TooManyConnections { .. } | Self::TimedOut { .. } => true,
            // A name that does not resolve or a directory one may not enter stays so.
            Self::Unreachable { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::NotFound
                    | io::ErrorKind::TimedOut
            ),
            Self::Broken { source, .. } => is_lost(source),
            _ => false,
        }
    }

    /// A server that is there, and has not answered a question.
    pub(crate) fn slow(options: &ConnectOptions, timeout: Duration) -> Self {
        Self::TimedOut { target: options.redacted(), timeout }
    }

    pub(super) fn timed_out(options: &ConnectOptions) -> Self {
        Self::TimedOut { target: options.redacted(), timeout: options.connect_timeout.unwrap_or_default() }
    }

    /// Says in our words what tokio-postgres reported while connecting to `host`.
    pub(super) fn new(options: &ConnectOptions, host: &Host, error: tokio_postgres::Error) -> Self {
        let target = options.redacted();
        if let Some(refusal) = error.as_db_error() {
            return Self::refused(options, target, refusal.code(), refusal.message().to_owned());
        }
        if is_tls(&error) {
            return Self::tls(options, target, error.source());
        }
        if is(&error, "error connecting to server") {
            return Self::unreachable(host, error);
        }
        match error.source().map(ToString::to_string) {
            Some(message) if is(&error, "authentication error") || message == "password missing" => {
                Self::Authentication { target, user: options.user().to_owned(), message }
            }
            _ => Self::Broken { target, source: error },
        }
    }

    fn refused(options: &ConnectOptions, target: String, code: &SqlState, message: String) -> Self {
        match code.code() {
            "28000" | "28P01" => Self::Authentication { target, user: options.user().to_owned(), message },
            "3D000" => Self::DatabaseMissing { target, database: options.database().to_owned() },
            "57P01" | "57P02" | "57P03" => Self::NotReady { target, message },
            "53300" => Self::TooManyConnections { target, message },
            code => Self::Refused { target, code: code.to_owned(), message },
        }
    }

    fn unreachable(host: &Host, error: tokio_postgres::Error) -> Self {
        let address = address(host);
        match error.into_source().map(<dyn Error + Send + Sync>::downcast::<io::Error>) {
            Some(Ok(source)) if is_wrong_session(&source) => {
                Self::WrongSessionKind { address, message: source.to_string() }
            }
            Some(Ok(source)) => Self::Unreachable { address, source: *source },
            Some(Err(other)) => Self::Unreachable { address, source: io::Error::other(other) },
            None => Self::Unreachable { address, source: io::ErrorKind::Other.into() },
        }
    }

    fn tls(options: &ConnectOptions, target: String, cause: Option<&(dyn Error + 'static)>) -> Self {
        let sslmode = options.sslmode();
        let reason = cause.map(ToString::to_string).unwrap_or_default();
        if reason == "server does not support TLS" {
            return Self::TlsRefused { target, sslmode };
        }
        match cause.and_then(|cause| cause.downcast_ref::<TlsError>()) {
            Some(error) if error.is_local() => Self::TlsFiles { sslmode, reason },
            _ => Self::TlsHandshake { target, sslmode, hint: tls_hint(&reason), reason },
        }
    }
}

/// Whether an attempt failed in TLS, not before or after it.
pub(super) fn is_tls(error: &tokio_postgres::Error) -> bool {
    is(error, "error performing TLS handshake")
}

/// tokio-postgres keeps the kind of an error to itself; its text is the only thing to tell it by.
fn is(error: &tokio_postgres::Error, text: &str) -> bool {
    error.to_string() == text
}

/// tokio-postgres reports a server of the wrong kind as an I/O error of this kind, which no socket has twice.
fn is_wrong_session(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

fn address(host: &Host) -> String {
    if host.is_socket() {
        format!("{}/.s.PGSQL.{}", host.name, host.port)
    } else {
        format!("{}:{}", host.name, host.port)
    }
}

fn because(error: &tokio_postgres::Error) -> String {
    error.source().map(|cause| format!(": {cause}")).unwrap_or_default()
}

fn tls_hint(reason: &str) -> &'static str {
    if reason.contains("UnsupportedCertVersion") {
        "; the certificate is of X.509 version 1: issue it again with extensions (subjectAltName)"
    } else if reason.contains("UnknownIssuer") {
        "; give the authority's certificate with sslrootcert"
    } else if reason.contains("not valid for name") {
        "; connect by a name the certificate holds, or use sslmode=verify-ca"
    } else {
        ""
    }
}

fn to_check(message: &str) -> &'static str {
    if message.starts_with("role ") {
        "the user in the URL or PGUSER, or create the role"
    } else {
        "the password in the URL, PGPASSWORD or ~/.pgpass (mode 0600), and the server's pg_hba.conf"
    }
}
