//! Statements without parameters, several in one message, and what each of them answers.

use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::BackfillError;

/// A row of an answer.
#[derive(Debug)]
pub(super) struct Row(SimpleQueryRow);

impl Row {
    /// A value as the server's text; none for null.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.0.try_get(column).ok().flatten()
    }

    /// The values of a row that has none that is null.
    pub(super) fn texts<const N: usize>(&self, action: &'static str) -> Result<[String; N], BackfillError> {
        let values: Option<Vec<String>> = (0..N).map(|column| self.get(column).map(str::to_owned)).collect();
        values
            .and_then(|values| values.try_into().ok())
            .ok_or_else(|| BackfillError::Answer { action, reason: format!("{N} values were expected") })
    }
}

/// Sends statements in one message; the rows of each that gives rows, in order.
pub(super) async fn answers(
    client: &Client,
    action: &'static str,
    statements: &str,
) -> Result<Vec<Vec<Row>>, BackfillError> {
    let messages = client.simple_query(statements).await;
    let messages = messages.map_err(|source| BackfillError::Server { action, source })?;
    let mut answers = Vec::new();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(_) => answers.push(Vec::new()),
            SimpleQueryMessage::Row(row) => {
                if let Some(rows) = answers.last_mut() {
                    rows.push(Row(row));
                }
            }
            _ => {}
        }
    }
    Ok(answers)
}

/// The same for statements from `begin` to `commit`: where one of them fails, all are rolled back.
pub(super) async fn transaction(
    client: &Client,
    action: &'static str,
    statements: &str,
) -> Result<Vec<Vec<Row>>, BackfillError> {
    let answered = answers(client, action, statements).await;
    if answered.is_err() {
        // On a connection that broke the server rolls back by itself.
        let _ = client.batch_execute("rollback").await;
    }
    answered
}
