use tokio_postgres::error::SqlState;
use tracing::Span;

/// A span of the trace about work on a database, with the names that OpenTelemetry's conventions have for it: what to reach
/// it, what is done, more fields. Those about a failure stay empty until [`fail`].
macro_rules! client_span {
    ($name:literal, $options:expr, $operation:expr, $($fields:tt)*) => {{
        let options: &$crate::db::ConnectOptions = $options;
        let (address, port) = options.address().unzip();
        tracing::info_span!(
            $name,
            otel.kind = "client",
            otel.status_code = tracing::field::Empty,
            db.system.name = "postgresql",
            db.namespace = options.database(),
            db.operation.name = $operation,
            db.response.status_code = tracing::field::Empty,
            server.address = address,
            server.port = port,
            error.type = tracing::field::Empty,
            $($fields)*
        )
    }};
}
pub(crate) use client_span;

/// Says in a span that its work failed: by the server's code, or else by a word of ours. The message is not among it, because
/// it may repeat what rows hold.
pub(crate) fn fail(span: &Span, code: Option<&SqlState>, word: &str) {
    if let Some(code) = code {
        span.record("db.response.status_code", code.code());
    }
    span.record("error.type", code.map_or(word, SqlState::code));
    span.record("otel.status_code", "ERROR");
}
