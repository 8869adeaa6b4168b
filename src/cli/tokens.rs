use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;

use super::ExitCode;
use super::output::remark;
use super::session::{Failure, Session};
use crate::admin::auth::{NewToken, Role, StoreError, Token, TokenError, TokenName, TokenState, Tokens};
use crate::safety::parse_age;

pub(super) const EXAMPLES: &str = "A token says who asks the admin API, and what they may do: a viewer looks, an operator goes forward, an admin goes back, and says
who else may do what. The database keeps its SHA-256 alone; the token itself is printed once, on standard output.

Examples:
  hardtack tokens create jo admin
  hardtack tokens create ci operator --expires 30d > token
  hardtack tokens create wallboard viewer --expires never
  hardtack tokens list
  hardtack tokens revoke ci                    within five seconds it lets nobody in, wherever the API runs";

/// What `tokens` takes.
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum TokensCommand {
    /// Make one, and hardtack's own tables before it where they are missing
    Create {
        /// Its name: whom the audit names
        name: TokenName,
        /// What its holder may do: viewer, operator or admin; --role is the database's, as everywhere
        #[arg(id = "token-role", value_name = "ROLE")]
        role: Role,
        /// After what time it ends by itself, such as 90d or 12h, or never
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = Lifetime::parse)]
        expires: Lifetime,
    },
    /// List them
    List,
    /// Take one back
    Revoke {
        /// Its name
        name: String,
    },
}

/// How long a token is good; none for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime(pub Option<Duration>);

impl Lifetime {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        parse_age(text).map(|lifetime| Self(Some(lifetime))).map_err(|reason| format!("{reason}; or never"))
    }
}

pub(super) async fn run(session: &mut Session, command: &TokensCommand) -> Result<ExitCode, Failure> {
    let migrator = session.lenient_migrator().await?;
    let database = migrator.database().database().to_owned();
    let tokens = Tokens::new(&migrator).map_err(Failure::from_error)?;
    match command {
        TokensCommand::Create { name, role, expires } => {
            let new = NewToken { name: name.clone(), role: *role, expires: expires.0, by: None };
            let (made, secret) = tokens.create(&new).await?;
            remark(&format!("{database}: {}; the token is shown this once", line(&made)));
            session.output.result(&Made { token: secret.expose(), made: &made }, secret.expose());
        }
        TokensCommand::List => {
            let listed = match tokens.list().await {
                Err(TokenError::Store(StoreError::Absent { .. })) => Vec::new(),
                listed => listed?,
            };
            let mut text: Vec<String> = listed.iter().map(line).collect();
            if listed.is_empty() {
                text.push(format!("no tokens in {database}: `tokens create NAME ROLE` makes one"));
            }
            session.output.result(&Listed { tokens: &listed }, &text.join("\n"));
        }
        TokensCommand::Revoke { name } => {
            let revoked = tokens.revoke(name, None).await?;
            session.output.result(&revoked, &format!("{database}: {}", line(&revoked)));
        }
    }
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Made<'a> {
    token: &'a str,
    #[serde(flatten)]
    made: &'a Token,
}

#[derive(Serialize)]
struct Listed<'a> {
    tokens: &'a [Token],
}

fn line(token: &Token) -> String {
    let Token { name, role, state, created_at, created_by, expires_at, revoked_at, revoked_by, .. } = token;
    let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
    let until = match state {
        TokenState::Revoked => format!("revoked at {} by {}", or_none(revoked_at), or_none(revoked_by)),
        TokenState::Expired => format!("expired at {}", or_none(expires_at)),
        TokenState::Live => {
            expires_at.as_ref().map_or("never expires".to_owned(), |at| format!("until {at}"))
        }
    };
    format!("{name}  {role}, {until} (made at {created_at} by {created_by})")
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Change(error) => error.into(),
            TokenError::Exists { .. } => Self::new(ExitCode::Refused, error),
            TokenError::Unknown { .. } | TokenError::Time { .. } => Self::usage(error),
            error => Self::from_error(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_days_hours_or_for_ever() {
        let hours = |hours: u64| Ok(Lifetime(Some(Duration::from_secs(hours * 3_600))));
        assert_eq!(Lifetime::parse("90d"), hours(90 * 24));
        assert_eq!(Lifetime::parse("12h"), hours(12));
        assert_eq!(Lifetime::parse("never"), Ok(Lifetime(None)));
        for wrong in ["", "90", "0d", "d", "-1d", "1w", "99999999999999999999d", "999999999999999999d"] {
            assert!(Lifetime::parse(wrong).is_err(), "{wrong}");
        }
    }
}
