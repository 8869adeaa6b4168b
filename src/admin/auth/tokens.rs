use std::time::Duration;

use super::recent::Recent;
use super::secret::{self, SecretHash};
use super::store::Store;
use super::token::{self, COLUMNS, Known, PREFIX};
use super::{Denied, NewToken, RandomError, StoreError, Token, TokenState};
use crate::config::Secret;
use crate::db::{PoolError, quote_literal, quote_or_null};
use crate::engine::{Error, Migrator, OwnChange};
use crate::history::host_name;

/// Why a token is not made, found or revoked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The database has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change was not made.
    #[error(transparent)]
    Change(#[from] Error),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The name is taken.
    #[error(
        "make the token {name}: there is one of that name; nothing was changed; revoke it first, or take another name"
    )]
    Exists {
        /// The name.
        name: String,
    },
    /// Its time is no time.
    #[error("make the token {name}: its time ends at once, or in more than 100 years; nothing was changed")]
    Time {
        /// The name.
        name: String,
    },
    /// There is nothing to revoke.
    #[error(
        "revoke the token {name}: there is no live one of that name; nothing was changed; `tokens list` shows them"
    )]
    Unknown {
        /// The name.
        name: String,
    },
}

/// The tokens of a database's admin API: random texts, of which the database keeps the SHA-256.
///
/// What was read of a token counts for five seconds, so that not every request costs a query. So one that is revoked elsewhere
/// lets its holder in for five seconds more at the most; one that is revoked here, or whose time is over, not at all.
#[derive(Debug)]
pub struct Tokens {
    migrator: Migrator,
    store: Store,
    recent: Recent,
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Tokens {
    /// Those of a migrator's database and history. Connects to nothing yet.
    ///
    /// # Errors
    /// The options of the database cannot work in this build.
    pub fn new(migrator: &Migrator) -> Result<Self, PoolError> {
        Ok(Self { migrator: migrator.clone(), store: Store::new(migrator)?, recent: Recent::default() })
    }

    /// Makes one, under the migration lock, and hardtack's own tables before it where they are missing. The secret is in the
    /// answer, and nowhere else ever again. An expired one of the same name makes room.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn create(&self, new: &NewToken) -> Result<(Token, Secret), TokenError> {
        let name = new.name.as_str();
        if new.expires.is_some_and(|expires| expires.is_zero() || expires > CENTURY) {
            return Err(TokenError::Time { name: name.to_owned() });
        }
        let named = match self.list().await {
            Err(TokenError::Store(StoreError::Absent { .. })) => Vec::new(),
            listed => listed?,
        };
        if named.iter().any(|token| token.name == name && token.state == TokenState::Live) {
            return Err(TokenError::Exists { name: name.to_owned() });
        }
        let text = format!("{PREFIX}{}", secret::random()?);
        let hash = SecretHash::of("", &text);
        let note = format!("{name}, {}{}", new.role, said(new.by.as_deref()));
        let change = self.change("tokens create", &note);
        let made =
            self.migrator.change_own(OwnChange { statements: &self.insert(new, hash), ..change }).await;
        made.map_err(|error| {
            if is_taken(&error) { TokenError::Exists { name: name.to_owned() } } else { error.into() }
        })?;
        match self.read(hash).await? {
            Some(known) => Ok((known.token, Secret::new(text))),
            None => Err(StoreError::Unknown { action: READ, found: format!("no token {name}") }.into()),
        }
    }

    /// All of them, by name; those that are revoked behind.
    ///
    /// # Errors
    /// [`TokenError::Store`].
    pub async fn list(&self) -> Result<Vec<Token>, TokenError> {
        let query = format!(
            "select {COLUMNS} from hardtack.token where history_table = {} order by revoked_at is not null, name, id",
            self.history()
        );
        let rows = self.store.read(READ, &query).await?;
        let known: Result<Vec<Known>, String> = rows.iter().map(Known::of).collect();
        let known = known.map_err(|found| StoreError::Unknown { action: READ, found })?;
        Ok(known.into_iter().map(|known| known.token).collect())
    }

    /// Revokes the one of that name, also while somebody migrates: a run of hours keeps no token alive. Here it lets nobody in from now
    /// on, elsewhere in five seconds.
    ///
    /// # Errors
    /// [`TokenError::Unknown`] where no token of that name is live or expired.
    pub async fn revoke(&self, name: &str, by: Option<&str>) -> Result<Token, TokenError> {
        let is_it = |token: &&Token| token.name == name && token.state != TokenState::Revoked;
        let before = self.list().await?;
        if !before.iter().any(|token| is_it(&token)) {
            return Err(TokenError::Unknown { name: name.to_owned() });
        }
        let (revocation, log) = (self.revocation(name, by, "true"), self.log_of_revocation(name, by));
        self.store.write("revoke a token in hardtack.token", &format!("{revocation}; {log}")).await?;
        self.recent.forget(name);
        let after = self.list().await?;
        let revoked = after.into_iter().filter(|token| token.name == name);
        let newest = revoked.max_by(|one, other| one.revoked_at.cmp(&other.revoked_at));
        newest.ok_or_else(|| TokenError::Unknown { name: name.to_owned() })
    }

    /// The token of that hash where it is good, from what was read just now.
    pub(super) fn recent(&self, hash: SecretHash) -> Option<Result<Token, Denied>> {
        self.recent.find(hash).map(judged)
    }

    /// Whether somebody has been let in by it.
    pub(super) fn is_known(&self, hash: SecretHash) -> bool {
        self.recent.is_known(hash)
    }

    /// The token of that hash, where it is good.
    ///
    /// The hash is looked up in an index; that tells nothing about a secret: see [`SecretHash`].
    pub(super) async fn find(&self, hash: SecretHash) -> Result<Token, Denied> {
        if let Some(found) = self.recent(hash) {
            return found;
        }
        let asking = self.recent.asking();
        match self.read(hash).await {
            Ok(Some(known)) => {
                self.recent.remember(hash, known.clone(), asking);
                judged(known.token)
            }
            Ok(None) => Err(Denied::Wrong),
            Err(error) => Err(Denied::Unavailable { reason: error.to_string() }),
        }
    }

    async fn read(&self, hash: SecretHash) -> Result<Option<Known>, StoreError> {
        let query = format!(
            "select {COLUMNS} from hardtack.token where sha256 = '{}' and history_table = {}",
            hash.text(),
            self.history()
        );
        let rows = self.store.read(READ, &query).await?;
        let known = rows.first().map(Known::of).transpose();
        known.map_err(|found| StoreError::Unknown { action: READ, found })
    }

    fn insert(&self, new: &NewToken, hash: SecretHash) -> [String; 2] {
        let name = new.name.as_str();
        let by = |by: &str| quote_literal(by);
        let expires = new.expires.map_or("null".to_owned(), |expires| {
            format!(
                "pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => {})",
                expires.as_secs_f64()
            )
        });
        let insert = format!(
            "insert into hardtack.token (history_table, name, role, sha256, created_by, expires_at) \
             values ({}, {}, '{}', '{}', {}, {expires})",
            self.history(),
            quote_literal(name),
            new.role,
            hash.text(),
            new.by.as_deref().map_or("session_user".to_owned(), by),
        );
        [self.revocation(name, new.by.as_deref(), "expires_at <= pg_catalog.clock_timestamp()"), insert]
    }

    fn revocation(&self, name: &str, by: Option<&str>, where_true: &str) -> String {
        format!(
            "update hardtack.token set revoked_at = pg_catalog.clock_timestamp(), revoked_by = {} \
             where history_table = {} and name = {} and revoked_at is null and {where_true}",
            by.map_or("session_user".to_owned(), quote_literal),
            self.history(),
            quote_literal(name),
        )
    }

    /// The row of the run log, which stands beside those of runs that hold the lock meanwhile.
    fn log_of_revocation(&self, name: &str, by: Option<&str>) -> String {
        format!(
            "insert into hardtack.run (command, history_table, host, process_id, hardtack_version, note, finished_at, outcome) \
             values ('tokens revoke', {}, {}, {}, {}, {}, pg_catalog.clock_timestamp(), 'succeeded')",
            self.history(),
            quote_or_null(host_name().as_deref()),
            std::process::id(),
            quote_literal(env!("CARGO_PKG_VERSION")),
            quote_literal(&format!("{name}{}", said(by))),
        )
    }

    fn change<'a>(&self, command: &'a str, note: &'a str) -> OwnChange<'a> {
        let rights = "nothing was changed; the role needs SELECT, INSERT and UPDATE on hardtack.token";
        OwnChange { command, note, statements: &[], action: "write hardtack.token", rights }
    }

    fn history(&self) -> String {
        quote_literal(&self.store.table().to_string())
    }
}

const READ: &str = "read hardtack.token";

/// What the run log says of whoever asked through the API.
fn said(by: Option<&str>) -> String {
    by.map_or(String::new(), |by| format!(", by {by}"))
}

fn judged(token: Token) -> Result<Token, Denied> {
    match token.state {
        TokenState::Live => Ok(token),
        TokenState::Expired => Err(Denied::Expired { name: token.name }),
        TokenState::Revoked => Err(Denied::Revoked { name: token.name }),
    }
}

/// Whether somebody has made one of the name meanwhile.
fn is_taken(error: &Error) -> bool {
    use tokio_postgres::error::SqlState;
    matches!(error, Error::State { source, .. } if source.code() == Some(&SqlState::UNIQUE_VIOLATION))
}

/// The hash of what was presented as a token.
pub(super) fn hash_of(text: &str) -> Result<SecretHash, Denied> {
    token::hash(text).ok_or(Denied::Wrong)
}
