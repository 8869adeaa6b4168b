//! Sessions that are idle while other work is done, and statements that take as long as they take.

#[cfg(feature = "backup")]
use super::{Connection, first_value};

/// Frees a session of the time-outs that server, database or role set for it; not every server version knows each of them.
pub(crate) const NO_TIMEOUTS: &str = "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings \
    where name in ('statement_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

/// Lets a session be idle for as long as somebody works beside it. Through a pooler nothing is set: there the server's session
/// would be another client's next, and this one's next would be another one.
#[cfg(feature = "backup")]
pub(crate) async fn may_be_idle(connection: &Connection) -> Result<(), tokio_postgres::Error> {
    let client = &connection.client;
    let process_id = first_value(&client.simple_query("select pg_catalog.pg_backend_pid()").await?);
    let process_id = process_id.and_then(|id| id.parse().ok());
    if process_id.is_none() || connection.announced_process_id().await != process_id {
        return Ok(());
    }
    let text = "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name = 'idle_session_timeout'";
    client.batch_execute(text).await
}
