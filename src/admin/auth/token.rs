use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use tokio_postgres::SimpleQueryRow;
use utoipa::ToSchema;

use super::Role;
use super::secret::{self, SecretHash};

/// What every token begins with, so that people, and scanners of repositories, know one.
pub(super) const PREFIX: &str = "hardtack_";

/// A token, as everybody who may may know it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct Token {
    /// Its name.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Whether it lets anybody in.
    pub state: TokenState,
    /// When it was made, by the clock of the server, in RFC 3339.
    pub created_at: String,
    /// By whom: a login of the database, or the name of whoever asked through the API.
    pub created_by: String,
    /// When it ends by itself.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// By whom.
    pub revoked_by: Option<String>,
}

/// Whether a token lets anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// It does.
    Live,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl TokenState {
    /// As the commands write it: `live`, `expired` or `revoked`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub name: TokenName,
    /// What its holder may do.
    pub role: Role,
    /// After what time it ends by itself; none for never.
    pub expires: Option<Duration>,
    /// Who makes it; none for the login of the database.
    pub by: Option<String>,
}

/// The name of a token: 1 to 64 letters, digits and `.`, `_`, `-`, `@`, `+`.
///
/// ```
/// use hardtack::admin::auth::TokenName;
///
/// assert_eq!("ci-orders".parse::<TokenName>()?.as_str(), "ci-orders");
/// assert!("two words".parse::<TokenName>().is_err());
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenName(String);

impl TokenName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(is_fit) {
            return Ok(Self(text.to_owned()));
        }
        Err("write 1 to 64 letters, digits and . _ - @ +")
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The hash of a token's text; none where it cannot be one.
pub(super) fn hash(text: &str) -> Option<SecretHash> {
    let secret = text.strip_prefix(PREFIX)?;
    secret::is_secret(secret).then(|| SecretHash::of("", text))
}

/// The columns that [`Known::of`] reads.
pub(super) const COLUMNS: &str = "name, role, \
    pg_catalog.to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), created_by, \
    pg_catalog.to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), \
    pg_catalog.to_char(revoked_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), revoked_by, \
    extract(epoch from expires_at - pg_catalog.clock_timestamp())";

/// A token as it was read, with the time that it had left, which needs no agreement between the clocks of two machines.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) token: Token,
    /// None where it does not end by itself.
    pub(super) left: Option<Duration>,
}

impl Known {
    /// Out of a row with those columns; the error says what is wrong with it.
    pub(super) fn of(row: &SimpleQueryRow) -> Result<Self, String> {
        let text = |column: usize| row.get(column).map(str::to_owned);
        let named = |column: usize| text(column).unwrap_or_default();
        let role = named(1).parse().map_err(|_| format!("the role {:?}", named(1)))?;
        let left = row.get(7).map(|seconds| {
            let seconds: f64 = seconds.parse().unwrap_or_default();
            Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
        });
        let state = match (row.get(5), left) {
            (Some(_), _) => TokenState::Revoked,
            (None, Some(Duration::ZERO)) => TokenState::Expired,
            _ => TokenState::Live,
        };
        let token = Token {
            name: named(0),
            role,
            state,
            created_at: named(2),
            created_by: named(3),
            expires_at: text(4),
            revoked_at: text(5),
            revoked_by: text(6),
        };
        Ok(Self { token, left })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_token_has_a_hash() {
        let secret = secret::random().unwrap();
        assert!(hash(&format!("hardtack_{secret}")).is_some());
        for wrong in [
            secret.clone(),
            format!("hardtack_{}", &secret[1..]),
            format!("Hardtack_{secret}"),
            format!("hardtack_{secret} "),
            "hardtack_".to_owned(),
        ] {
            assert_eq!(hash(&wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_else_is_hashed(text in "(hardtack_)?\\PC{0,80}") {
            prop_assert_eq!(hash(&text), None);
        }

        #[test]
        fn a_name_needs_no_quoting_anywhere(text in "\\PC{0,70}") {
            if let Ok(name) = text.parse::<TokenName>() {
                prop_assert_eq!(name.as_str().escape_default().to_string(), text);
            }
        }
    }
}
