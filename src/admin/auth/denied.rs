use std::time::Duration;

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Action, Role};

/// Why a request is not answered.
///
/// `Display` is for the audit and the log. [`public`](Self::public) is for whoever asked, and tells nobody more than they know.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// Nothing says who asks.
    #[error("recognise who asks: there is no token and no session in the request")]
    Missing,
    /// What was sent is no token, or nobody's.
    #[error("recognise who asks: the token is nobody's")]
    Wrong,
    /// The token was good once.
    #[error("recognise who asks: the token {name} has expired")]
    Expired {
        /// The name of the token.
        name: String,
    },
    /// The token was taken back.
    #[error("recognise who asks: the token {name} was revoked")]
    Revoked {
        /// The name of the token.
        name: String,
    },
    /// The session is over, or there was none.
    #[error("recognise who asks: the session is over")]
    SessionOver,
    /// They may not do this.
    #[error("let {name} {action}: the role is {role}, and it wants {}", .action.least())]
    Underprivileged {
        /// Who asked.
        name: String,
        /// Their role.
        role: Role,
        /// What they asked for.
        action: Action,
    },
    /// A browser sent it for another site's page, or does not say for whose.
    #[error("take the request: {reason}")]
    CrossSite {
        /// What gives it away.
        reason: &'static str,
    },
    /// The page did not send along what its session gave it.
    #[error("take the request: its CSRF token is missing, or not the session's")]
    WrongCsrf,
    /// Too many were wrong before.
    #[error("recognise who asks: too many were wrong before; again in {} s", seconds(*.retry_after))]
    TooMany {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Who it is cannot be looked up.
    #[error("recognise who asks: {reason}")]
    Unavailable {
        /// Why not.
        reason: String,
    },
    /// The audit cannot be written, and without it nothing is changed.
    #[error("write the audit, without which nothing is changed: {reason}")]
    Unaudited {
        /// Why not.
        reason: String,
    },
}

impl Denied {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Wrong | Self::Expired { .. } | Self::Revoked { .. } | Self::SessionOver => {
                StatusCode::UNAUTHORIZED
            }
            Self::Underprivileged { .. } | Self::CrossSite { .. } | Self::WrongCsrf => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } | Self::Unaudited { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the answer says: one text for every token that is not good, and nothing of the database.
    #[must_use]
    pub fn public(&self) -> String {
        match self {
            Self::Missing => "say who you are: send a token, or log in".to_owned(),
            Self::Wrong | Self::Expired { .. } | Self::Revoked { .. } => "the token is not valid".to_owned(),
            Self::SessionOver => "the session is over: log in again".to_owned(),
            Self::Underprivileged { action, .. } => format!("this wants the role {}", action.least()),
            Self::CrossSite { .. } | Self::WrongCsrf => {
                "the request does not come from this page: load it again".to_owned()
            }
            Self::TooMany { retry_after } => {
                format!("too many wrong tokens: try again in {} s", seconds(*retry_after))
            }
            Self::Unavailable { .. } => "who you are cannot be looked up now: try again later".to_owned(),
            Self::Unaudited { .. } => {
                "the audit cannot be written, so nothing is changed: see the log of the application"
                    .to_owned()
            }
        }
    }

    /// The headers that the answer's status wants.
    #[must_use]
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let again = |after: u64| vec![(RETRY_AFTER, HeaderValue::from(after))];
        match self {
            Self::TooMany { retry_after } => again(seconds(*retry_after)),
            Self::Unavailable { .. } | Self::Unaudited { .. } => again(5),
            _ if self.status() == StatusCode::UNAUTHORIZED => {
                vec![(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hardtack\""))]
            }
            _ => Vec::new(),
        }
    }

    /// The name that the audit may put it down to.
    #[must_use]
    pub fn who(&self) -> Option<&str> {
        match self {
            Self::Expired { name } | Self::Revoked { name } | Self::Underprivileged { name, .. } => {
                Some(name)
            }
            _ => None,
        }
    }

    /// Whether the audit has it. What anybody can send without end, or what was told before, is left to the log: otherwise
    /// strangers could fill the database.
    pub(super) fn is_audited(&self) -> bool {
        !matches!(
            self,
            Self::Missing
                | Self::SessionOver
                | Self::TooMany { .. }
                | Self::Unavailable { .. }
                | Self::Unaudited { .. }
        )
    }
}

/// Whole seconds, and no less than there are.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_are_not_good_look_alike() {
        let [name, other] = ["ci", "night"].map(str::to_owned);
        let alike = [Denied::Wrong, Denied::Expired { name }, Denied::Revoked { name: other }];
        for denied in &alike {
            assert_eq!(denied.public(), alike[0].public());
            assert_eq!((denied.status(), denied.headers()), (StatusCode::UNAUTHORIZED, alike[0].headers()));
        }
        assert_eq!(alike[1].who(), Some("ci"));
    }

    #[test]
    fn a_pause_is_told_in_whole_seconds_and_never_too_short() {
        let denied = Denied::TooMany { retry_after: Duration::from_millis(1_001) };
        assert_eq!(denied.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(denied.headers(), [(RETRY_AFTER, HeaderValue::from_static("2"))]);
        assert!(denied.public().ends_with("in 2 s"), "{}", denied.public());
    }

    #[test]
    fn what_the_database_says_stays_inside() {
        let reason = "password authentication failed for user \"app\"".to_owned();
        let both = [Denied::Unavailable { reason: reason.clone() }, Denied::Unaudited { reason }];
        for denied in both {
            assert!(!denied.public().contains("password") && denied.to_string().contains("password"));
            assert_eq!(denied.status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }

    #[test]
    fn who_may_too_little_is_told_what_it_wants() {
        let denied = Denied::Underprivileged {
            name: "ci".to_owned(),
            role: Role::Operator,
            action: Action::Downgrade,
        };
        assert_eq!(denied.status(), StatusCode::FORBIDDEN);
        assert_eq!(denied.public(), "this wants the role admin");
        assert_eq!(denied.to_string(), "let ci downgrade: the role is operator, and it wants admin");
    }
}
