//! What is behind an error of whatever kind.

use std::error::Error as StdError;

use tokio_postgres::error::SqlState;

use crate::db::ServerMessage;

/// An error and its causes in one line; a cause that an error names by itself is not said twice.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
        return ServerMessage(error).to_string();
    }
    let text = error.to_string();
    match error.source().map(chain) {
        Some(cause) if !text.contains(&cause) => format!("{text}: {cause}"),
        _ => text,
    }
}

/// What the server called it, where it came from there.
pub(super) fn server_code<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e SqlState> {
    match error.downcast_ref::<tokio_postgres::Error>() {
        Some(error) => error.code(),
        None => server_code(error.source()?),
    }
}

/// What a failure leaves: with the rights that are wanted where the role lacks them, and without otherwise.
pub(super) fn advised(
    error: &tokio_postgres::Error,
    left: &'static str,
    with_rights: &'static str,
) -> &'static str {
    if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) { with_rights } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("read the file{}", if *.says_why { ": it is gone; look again" } else { "" })]
    struct Outer {
        says_why: bool,
        source: Inner,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("it is gone")]
    struct Inner;

    #[test]
    fn no_cause_is_said_twice() {
        assert_eq!(chain(&Outer { says_why: false, source: Inner }), "read the file: it is gone");
        assert_eq!(chain(&Outer { says_why: true, source: Inner }), "read the file: it is gone; look again");
    }
}
