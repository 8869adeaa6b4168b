use std::fmt;
use std::future::poll_fn;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Socket};
use tracing::Level;

use crate::db::announced;
use crate::db::tls::Tls;

/// A session: the client, and the task that moves its bytes, which ends with it.
///
/// Dropping it closes the socket at once, and the server rolls back what was open;
/// [`close`](Self::close) says good-bye first.
pub struct Connection {
    /// Sends statements.
    pub client: Client,
    server_version: String,
    closed: Closed,
    tls: Tls,
    task: AbortOnDrop,
}

/// The wire half of a session, before it is given a task.
pub(super) type Wire = tokio_postgres::Connection<Socket, <Tls as MakeTlsConnect<Socket>>::Stream>;

impl Connection {
    pub(super) fn new(client: Client, wire: Wire, tls: Tls) -> Self {
        let server_version = wire.parameter("server_version").unwrap_or_default().to_owned();
        let (sender, receiver) = watch::channel(false);
        let task = tokio::spawn(async move {
            drive(wire).await;
            sender.send_replace(true);
        });
        Self { client, server_version, closed: Closed { receiver }, tls, task: AbortOnDrop(task) }
    }

    /// The version as the server words it: `17.2 (Debian 17.2-1)`.
    #[must_use]
    pub fn server_version(&self) -> &str {
        &self.server_version
    }

    /// The version as `server_version_num` has it (170002 for 17.2), or 0 when the server does not say.
    #[must_use]
    pub fn server_version_num(&self) -> u32 {
        version_num(&self.server_version).unwrap_or(0)
    }

    /// Tells when the socket is gone. It can be watched while the client is in use.
    #[must_use]
    pub fn closed(&self) -> Closed {
        self.closed.clone()
    }

    /// Can cancel what this session is doing, from anywhere.
    #[must_use]
    pub fn cancel_handle(&self) -> CancelHandle {
        CancelHandle { token: self.client.cancel_token(), tls: self.tls.clone() }
    }

    /// The process id that was announced at login. A pooler announces one of its own making.
    pub(crate) async fn announced_process_id(&self) -> Option<i32> {
        announced::process_id(&self.client.cancel_token()).await
    }

    /// Ends the session in order and waits until the socket is closed.
    pub async fn close(self) {
        let Self { client, closed, task, .. } = self;
        drop(client);
        closed.wait().await;
        drop(task);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server_version", &self.server_version)
            .field("closed", &self.closed.is_closed())
            .finish_non_exhaustive()
    }
}

/// Resolves when a session's socket is gone.
#[derive(Debug, Clone)]
pub struct Closed {
    receiver: watch::Receiver<bool>,
}

impl Closed {
    /// Waits until the socket is gone, whoever closed it.
    pub async fn wait(mut self) {
        // An error means that the task is gone, and the socket with it.
        let _ = self.receiver.wait_for(|closed| *closed).await;
    }

    /// Whether the socket is gone already.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.receiver.borrow() || self.receiver.has_changed().is_err()
    }
}

/// Asks the server to cancel what a session is doing.
#[derive(Clone)]
pub struct CancelHandle {
    token: CancelToken,
    tls: Tls,
}

impl CancelHandle {
    /// Sends the request over a connection of its own, with the session's TLS. The server does not say
    /// whether anything was cancelled.
    ///
    /// # Errors
    /// The server could not be reached.
    pub async fn cancel(&self) -> Result<(), tokio_postgres::Error> {
        self.token.cancel_query(self.tls.clone()).await
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token holds the key that lets one cancel.
        f.debug_struct("CancelHandle").finish_non_exhaustive()
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Moves bytes until either side has closed.
pub(super) async fn drive(mut wire: Wire) {
    while let Some(message) = poll_fn(|context| wire.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => log_notice(&notice),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = %error, cause = ?error.code(), "the connection to the database ended");
                return;
            }
        }
    }
}

/// The target of events that are the server's own notices and warnings.
const NOTICE: &str = "hardtack::notice";

fn log_notice(notice: &DbError) {
    let (code, message, detail) = (notice.code().code(), notice.message(), notice.detail());
    match level(notice.severity(), notice.code()) {
        Level::WARN => tracing::warn!(target: NOTICE, code, detail, "{message}"),
        Level::DEBUG => tracing::debug!(target: NOTICE, code, detail, "{message}"),
        _ => tracing::info!(target: NOTICE, code, detail, "{message}"),
    }
}

/// "there is no transaction in progress" answers our own `ROLLBACK`, sent to be sure; it would only alarm.
fn level(severity: &str, code: &SqlState) -> Level {
    match severity {
        _ if *code == SqlState::NO_ACTIVE_SQL_TRANSACTION => Level::DEBUG,
        "WARNING" => Level::WARN,
        "DEBUG" | "LOG" => Level::DEBUG,
        _ => Level::INFO,
    }
}

/// `17.2 (Debian ..)` is 170002, `18beta1` is 180000, `9.6.24` is 90624.
fn version_num(text: &str) -> Option<u32> {
    let number = text.split(|character: char| !character.is_ascii_digit() && character != '.').next()?;
    let mut parts = number.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, second, third) = (parts.next()?, parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match major {
        0 => None,
        1..10 => Some(major * 10_000 + second * 100 + third),
        _ => major.checked_mul(10_000)?.checked_add(second),
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, SqlState, level, version_num};

    #[test]
    fn a_needless_rollback_alarms_nobody() {
        assert_eq!(level("WARNING", &SqlState::NO_ACTIVE_SQL_TRANSACTION), Level::DEBUG);
        assert_eq!(level("WARNING", &SqlState::ACTIVE_SQL_TRANSACTION), Level::WARN);
        assert_eq!(level("NOTICE", &SqlState::DUPLICATE_TABLE), Level::INFO);
        assert_eq!(level("LOG", &SqlState::WARNING), Level::DEBUG);
    }

    #[test]
    fn versions_become_numbers() {
        for (text, number) in [
            ("15.20 (Debian 15.20-1)", Some(150_020)),
            ("18beta1", Some(180_000)),
            ("9.6.24", Some(90_624)),
            ("14", Some(140_000)),
            ("", None),
            ("4294967295.1", None),
        ] {
            assert_eq!(version_num(text), number, "{text}");
        }
    }
}
