use std::error::Error as _;
use std::fmt;

use tokio_postgres::SimpleQueryMessage;

use tokio_postgres::error::SqlState;

/// Why a prepared statement may be gone, where nobody has deallocated it.
const POOLER: &str = "; hint: a connection pooler may have changed the server session under the driver: run it again, \
    or connect directly";

/// An error of the server with its detail and hint, in one line. `tokio_postgres` itself says only "db error".
#[derive(Debug)]
pub(crate) struct ServerMessage<'a>(pub(crate) &'a tokio_postgres::Error);

impl fmt::Display for ServerMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = self.0.as_db_error() else {
            write!(formatter, "{}", self.0)?;
            return self.0.source().map_or(Ok(()), |source| write!(formatter, ": {source}"));
        };
        write!(formatter, "{} ({})", error.message(), error.code().code())?;
        if *error.code() == SqlState::INVALID_SQL_STATEMENT_NAME {
            formatter.write_str(POOLER)?;
        }
        let more = [("", error.detail()), ("hint: ", error.hint()), ("in ", error.where_())];
        for (label, text) in more.into_iter().filter_map(|(label, text)| Some((label, text?))) {
            write!(formatter, "; {label}{}", text.replace('\n', " "))?;
        }
        Ok(())
    }
}

/// The first value of the first row where that is not null, as text.
pub(crate) fn first_value(messages: &[SimpleQueryMessage]) -> Option<String> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

/// The first value of each row, as text.
#[cfg(feature = "operations")]
pub(crate) fn values_of(messages: &[SimpleQueryMessage]) -> Vec<String> {
    let of_row = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    };
    messages.iter().filter_map(of_row).collect()
}
