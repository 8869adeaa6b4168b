use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;
use tokio_postgres::SimpleQueryRow;
use tokio_postgres::error::SqlState;
use utoipa::ToSchema;

use super::store::Store;
use super::{Action, Principal, StoreError};
use crate::db::{PoolError, quote_literal, quote_or_null};
use crate::engine::Migrator;
use crate::history::host_name;

/// What became of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It was about to be done. Where nothing follows, the process ended before it was, or the database did not take its end: then the log
    /// has that.
    Allowed,
    /// It was not done.
    Refused,
    /// It was done; a run that was asked to stop, as far as it came.
    Succeeded,
    /// It was begun, and failed.
    Failed,
}

/// A row of the audit, before it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// One for all rows of a request.
    pub(super) request: &'a str,
    pub(super) principal: Option<&'a Principal>,
    /// Where nobody was let in: whose token it was.
    pub(super) who: Option<&'a str>,
    pub(super) action: Action,
    pub(super) target: Option<&'a str>,
    pub(super) from: Option<IpAddr>,
    pub(super) outcome: AuditOutcome,
    pub(super) detail: Option<&'a str>,
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct AuditRecord {
    /// Its number: newer ones have higher ones.
    pub id: i64,
    /// When, by the clock of the server, in RFC 3339.
    pub at: String,
    /// One for all rows of a request.
    pub request: String,
    /// Who asked; none where nobody was recognised.
    pub who: Option<String>,
    /// Their role then.
    pub role: Option<String>,
    /// How they were recognised: `token`, `session` or `application`.
    pub via: Option<String>,
    /// What they asked for: the name of an [`Action`].
    pub action: String,
    /// What it was about.
    pub target: Option<String>,
    /// From which address.
    pub from: Option<String>,
    /// What became of it.
    pub outcome: AuditOutcome,
    /// More about that.
    pub detail: Option<String>,
    /// Where the process ran that answered.
    pub host: Option<String>,
}

/// Which rows of the audit are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of one name.
    pub who: Option<String>,
    /// Of one action.
    pub action: Option<Action>,
    /// Of one outcome.
    pub outcome: Option<AuditOutcome>,
    /// Of one request.
    pub request: Option<String>,
    /// Older than the row of this number: the cursor is the number of the last row of a page.
    pub before: Option<i64>,
    /// How many at the most, up to 500; 100 where nothing is said.
    pub limit: Option<u32>,
}

/// What was asked of the admin API, by whom and from where: rows of `hardtack.audit`, which are added and never changed.
///
/// A row is one insert of its own: it takes no migration lock, and is on disk before what it allows begins. The table is made
/// by an upgrade, or with the first token.
#[derive(Clone, Debug)]
pub struct Audit {
    store: Store,
    host: Option<String>,
}

/// Rows of one page.
const PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 500;
/// Characters of a name, an address or a target, and of a detail: the rest tells nothing.
const LONGEST_NAME: usize = 200;
const LONGEST_DETAIL: usize = 2_000;

impl Audit {
    /// That of a migrator's database and history. Connects to nothing yet.
    ///
    /// # Errors
    /// The options of the database cannot work in this build.
    pub fn new(migrator: &Migrator) -> Result<Self, PoolError> {
        Ok(Self { store: Store::new(migrator)?, host: host_name() })
    }

    /// Adds a row. Once this returns, it is on disk.
    pub(super) async fn write(&self, entry: &Entry<'_>) -> Result<(), StoreError> {
        const ACTION: &str = "write hardtack.audit";
        let written = self.store.write(ACTION, &self.insert(entry, printable)).await;
        match written {
            // Nobody is to keep out of the audit by a name that the database's encoding lacks.
            Err(StoreError::Server { source, .. })
                if source.code() == Some(&SqlState::UNTRANSLATABLE_CHARACTER) =>
            {
                self.store.write(ACTION, &self.insert(entry, escaped)).await
            }
            written => written,
        }
    }

    /// The newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, filter: &AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
        const ACTION: &str = "read hardtack.audit";
        let rows = self.store.read(ACTION, &self.query(filter)).await?;
        rows.iter()
            .map(|row| AuditRecord::of(row).ok_or_else(|| unknown(ACTION, row)))
            .collect::<Result<_, _>>()
    }

    fn insert(&self, entry: &Entry<'_>, safe: impl Fn(&str, usize) -> String) -> String {
        let literal = |text: Option<&str>, longest: usize| {
            quote_or_null(text.map(|text| safe(text, longest)).as_deref())
        };
        let (principal, name) = (entry.principal, LONGEST_NAME);
        let who = principal.map(|principal| principal.name.as_str()).or(entry.who);
        let from = entry.from.map(|from| from.to_canonical().to_string());
        format!(
            "insert into hardtack.audit \
                 (history_table, request, who, role, via, action, target, from_address, outcome, detail, host) \
             values ({}, {}, {}, {}, {}, '{}', {}, {}, '{}', {}, {})",
            self.history(),
            quote_literal(entry.request),
            literal(who, name),
            literal(principal.map(|principal| principal.role.name()), name),
            literal(principal.map(|principal| principal.via.name()), name),
            entry.action,
            literal(entry.target, name),
            literal(from.as_deref(), name),
            entry.outcome,
            literal(entry.detail, LONGEST_DETAIL),
            literal(self.host.as_deref(), name),
        )
    }

    fn query(&self, filter: &AuditFilter) -> String {
        let is = |column: &str, text: &str| format!(" and {column} = {}", quote_literal(text));
        let conditions = [
            filter.who.as_ref().map(|who| is("who", who)),
            filter.action.map(|action| is("action", action.name())),
            filter.outcome.map(|outcome| is("outcome", outcome.name())),
            filter.request.as_ref().map(|request| is("request", request)),
            filter.before.map(|before| format!(" and id < {before}")),
        ];
        let conditions: String = conditions.into_iter().flatten().collect();
        let limit = filter.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
        format!(
            "select id, pg_catalog.to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), request, who, role, via, \
                 action, target, from_address, outcome, detail, host \
             from hardtack.audit where history_table = {}{conditions} order by id desc limit {limit}",
            self.history()
        )
    }

    fn history(&self) -> String {
        quote_literal(&self.store.table().to_string())
    }
}

fn unknown(action: &'static str, row: &SimpleQueryRow) -> StoreError {
    StoreError::Unknown { action, found: format!("the outcome {:?}", row.get(9).unwrap_or_default()) }
}

impl AuditRecord {
    fn of(row: &SimpleQueryRow) -> Option<Self> {
        let text = |column: usize| row.get(column).map(str::to_owned);
        Some(Self {
            id: row.get(0)?.parse().ok()?,
            at: text(1)?,
            request: text(2)?,
            who: text(3),
            role: text(4),
            via: text(5),
            action: text(6)?,
            target: text(7),
            from: text(8),
            outcome: row.get(9)?.parse().ok()?,
            detail: text(10),
            host: text(11),
        })
    }
}

/// The text as far as it goes, without what no database and no terminal is to get.
fn printable(text: &str, longest: usize) -> String {
    text.chars().take(longest).map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// The same for a database that has no other characters.
fn escaped(text: &str, longest: usize) -> String {
    printable(text, longest).chars().flat_map(char::escape_default).collect()
}

impl AuditOutcome {
    const ALL: [Self; 4] = [Self::Allowed, Self::Refused, Self::Succeeded, Self::Failed];

    /// As `hardtack.audit` has it: `allowed`, `refused`, `succeeded` or `failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for AuditOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for AuditOutcome {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.name() == text);
        found.ok_or("write allowed, refused, succeeded or failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_sends_stands_in_the_way_of_a_row() {
        assert_eq!(printable("a\0b\nc\u{1b}[31md", 100), "a b c [31md");
        assert_eq!(printable("日本語", 2), "日本");
        assert_eq!(escaped("日b", 100), "\\u{65e5}b");
    }
}
