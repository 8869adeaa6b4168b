use std::str::FromStr;

use tokio_postgres::{Client, Error as PgError, SimpleQueryMessage};

use crate::config::Role;
use crate::db::as_role;

/// The longest that one query works.
const PATIENCE: &str = "5s";

/// The longest that one waits for a lock: a table that somebody holds is not worth more.
const LOCK_PATIENCE: &str = "1s";

/// How many settings precede the queries, besides the role.
const SETTINGS: usize = 4;

/// A row of an answer, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Row(Vec<Option<String>>);

/// The answers to several queries, in their order; empty where the server refused one of them.
pub(super) type Answers = Vec<Vec<Row>>;

/// Sends queries as one message, read-only and as a role. What the server refuses has no answer; only a broken
/// connection is an error.
///
/// A message without `BEGIN` is a transaction that ends by itself, also where it fails. So several may be under way on one
/// connection, and a pooler gives each a session for just as long as it lasts.
pub(super) async fn ask(
    client: &Client,
    role: Option<&Role>,
    queries: &[String],
) -> Result<Answers, PgError> {
    match send(client, role, queries, (PATIENCE, LOCK_PATIENCE)).await {
        Err(error) if error.as_db_error().is_some() => Ok(Vec::new()),
        answers => answers,
    }
}

/// The same, with an error where the server refuses one of them, and however long it takes: for what must not be left out.
pub(super) async fn demand(
    client: &Client,
    role: Option<&Role>,
    queries: &[String],
) -> Result<Answers, PgError> {
    send(client, role, queries, ("0", "0")).await
}

async fn send(
    client: &Client,
    role: Option<&Role>,
    queries: &[String],
    (longest, longest_for_lock): (&str, &str),
) -> Result<Answers, PgError> {
    let settings = format!(
        "set local transaction_read_only = on; {}set local statement_timeout = '{longest}'; \
         set local lock_timeout = '{longest_for_lock}'; set local row_security = off; ",
        as_role(role)
    );
    let skipped = SETTINGS + usize::from(role.is_some());
    let messages = client.simple_query(&format!("{settings}{}", queries.join("; "))).await?;
    Ok(answers(messages).into_iter().skip(skipped).collect())
}

/// Takes the answer to one of the queries.
pub(super) fn take<T>(answers: &Answers, place: usize, read: impl Fn(&Row) -> Option<T>) -> Vec<T> {
    answers.get(place).into_iter().flatten().filter_map(read).collect()
}

fn answers(messages: Vec<SimpleQueryMessage>) -> Answers {
    let mut answers = vec![Vec::new()];
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                let row = Row((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect());
                if let Some(rows) = answers.last_mut() {
                    rows.push(row);
                }
            }
            SimpleQueryMessage::CommandComplete(_) => answers.push(Vec::new()),
            _ => {}
        }
    }
    answers
}

impl Row {
    /// The text; empty where it is null.
    pub(super) fn text(&self, column: usize) -> String {
        self.maybe(column).unwrap_or_default()
    }

    pub(super) fn maybe(&self, column: usize) -> Option<String> {
        self.0.get(column).cloned().flatten()
    }

    pub(super) fn is(&self, column: usize) -> bool {
        self.maybe(column).as_deref() == Some("t")
    }

    /// The number; none where it is null, or another kind of number.
    pub(super) fn number<T: FromStr>(&self, column: usize) -> Option<T> {
        self.maybe(column)?.parse().ok()
    }

    /// Pairs of a number and a text, as a query has put them together: `16384 AccessShareLock,..`.
    pub(super) fn pairs<T>(&self, column: usize, read: impl Fn(u32, &str) -> Option<T>) -> Vec<T> {
        let text = self.text(column);
        let pairs = text.split(',').filter_map(|pair| pair.split_once(' '));
        pairs.filter_map(|(number, text)| read(number.parse().ok()?, text)).collect()
    }
}

/// Numbers as a list for `IN`, never empty.
pub(super) fn oids(oids: &[u32]) -> String {
    let numbers: Vec<_> = oids.iter().map(ToString::to_string).collect();
    if numbers.is_empty() { "0".to_owned() } else { numbers.join(", ") }
}
