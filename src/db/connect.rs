use tokio_postgres::Client;
use tokio_postgres::config::SslMode as Negotiation;
use tokio_postgres::error::SqlState;

use crate::config::SslMode;
use crate::db::connection::{Connection, Wire};
use crate::db::error::{ConnectError, is_tls};
use crate::db::options::{ConnectOptions, Host};

/// Opens one session, trying the hosts in turn.
///
/// It costs one socket and the round trips of the login, nothing else: no statement is sent and `options`
/// only when the user asked for them (PgBouncer refuses them). `application_name` is what the server shows
/// unless the user named one.
///
/// As in libpq, `sslmode=prefer` tries again in clear text when TLS fails or the server refuses an encrypted
/// login, and `allow` tries again with TLS when it refuses a clear one. A unix socket never uses TLS.
///
/// # Errors
/// [`ConnectError`] about the last host that was tried.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack::db::{ConnectOptions, connect, process_environment};
///
/// let options = ConnectOptions::resolve(Some("postgres:///shop"), process_environment)?;
/// let connection = connect(&options, "hardtack").await?;
/// connection.client.batch_execute("select 1").await?;
/// # Ok(())
/// # }
/// ```
pub async fn connect(options: &ConnectOptions, application_name: &str) -> Result<Connection, ConnectError> {
    require_tls_feature(options)?;
    let mut last = None;
    for host in options.shuffled_hosts() {
        match connect_in_time(options, host, application_name).await {
            Ok((client, wire)) => return Ok(Connection::new(client, wire, options.tls.clone())),
            Err(error) => last = Some(error),
        }
    }
    // There is always a host: resolving the options puts a default where none was given.
    Err(last.unwrap_or_else(|| ConnectError::timed_out(options)))
}

/// Opens a session with one host, in the ways its `sslmode` allows.
pub(super) async fn open(
    options: &ConnectOptions,
    host: &Host,
    application_name: &str,
) -> Result<(Client, Wire), tokio_postgres::Error> {
    let (first, second) = negotiations(options, host);
    let attempt = |mode| {
        let config = options.config_for(host, mode, application_name);
        async move { config.connect(options.tls.clone()).await }
    };
    let error = match (attempt(first).await, second) {
        (Err(error), Some(second)) if is_worth_another(&error) => (error, second),
        (result, _) => return result,
    };
    // Of two failures the first is of the way that was asked for.
    attempt(error.1).await.map_err(|_| error.0)
}

/// Without the feature, asking for encryption must not end in clear text.
pub(super) fn require_tls_feature(options: &ConnectOptions) -> Result<(), ConnectError> {
    let sslmode = options.sslmode();
    let over_network = options.hosts.iter().any(|host| !host.is_socket());
    if cfg!(not(feature = "tls")) && sslmode >= SslMode::Require && over_network {
        return Err(ConnectError::TlsFeature { sslmode });
    }
    Ok(())
}

async fn connect_in_time(
    options: &ConnectOptions,
    host: &Host,
    application_name: &str,
) -> Result<(Client, Wire), ConnectError> {
    let opening = open(options, host, application_name);
    let opened = match options.connect_timeout {
        // tokio-postgres's own limit ends with the socket; a server that accepts and stays silent passes it.
        Some(limit) => {
            tokio::time::timeout(limit, opening).await.map_err(|_| ConnectError::timed_out(options))?
        }
        None => opening.await,
    };
    opened.map_err(|error| ConnectError::new(options, host, error))
}

/// The first way of using TLS, and the one to fall back to.
fn negotiations(options: &ConnectOptions, host: &Host) -> (Negotiation, Option<Negotiation>) {
    match options.sslmode() {
        _ if host.is_socket() => (Negotiation::Disable, None),
        SslMode::Disable => (Negotiation::Disable, None),
        SslMode::Allow => (Negotiation::Disable, Some(Negotiation::Require)),
        SslMode::Prefer => (Negotiation::Prefer, Some(Negotiation::Disable)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Negotiation::Require, None),
    }
}

/// TLS failed, or `pg_hba.conf` refuses connections of this kind (which is also the code of a plain refusal).
fn is_worth_another(error: &tokio_postgres::Error) -> bool {
    is_tls(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}
