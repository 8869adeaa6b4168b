use std::hash::Hasher;
use std::io::{self, Write};
use std::ops::AddAssign;
use std::pin::pin;

use futures_util::TryStreamExt;
use siphasher::sip128::{Hasher128, SipHasher13};
use tokio_postgres::Client;

use super::ColumnEntry;
use crate::db::quote_identifier;

/// One text form of every value, whatever server, database or role say, and all rows or an error, however long it takes and
/// whoever is waited for in between. To be sent inside the transaction that reads rows or writes them. Not every server version
/// knows each of the time-outs.
pub(crate) const SESSION: &str = "set local search_path = pg_catalog, pg_temp; set local row_security = off; \
    set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; \
    set local extra_float_digits = 3; set local bytea_output = 'hex'; \
    select pg_catalog.set_config(name, '0', true) from pg_catalog.pg_settings \
    where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

/// What a table holds: its rows, and what stands for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// How many rows.
    pub(crate) rows: u64,
    /// The sum of the rows' hashes: the same in whatever order they come.
    sum: u128,
}

impl Content {
    /// The hash of all rows, in hexadecimal.
    pub(crate) fn hash(self) -> String {
        format!("{:032x}", self.sum)
    }
}

impl AddAssign for Content {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// Takes the text of `COPY .. TO` in, in pieces of any size. A line is a row, for a line end inside a value is escaped.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    content: Content,
    /// The beginning of a row whose end has not come yet.
    begun: Vec<u8>,
    /// Behind the line that ends the rows in a file of `pg_dump`.
    ended: bool,
}

impl Counter {
    /// What the rows amount to.
    pub(crate) fn finish(self) -> Content {
        self.content
    }

    fn row(&mut self, row: &[u8]) {
        if row == b"\\." {
            self.ended = true;
        }
        if self.ended {
            return;
        }
        let mut hasher = SipHasher13::new();
        hasher.write(row);
        self.content += Content { rows: 1, sum: hasher.finish128().as_u128() };
    }
}

impl Write for Counter {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', text) {
            if self.begun.is_empty() {
                self.row(&text[from..end]);
            } else {
                self.begun.extend_from_slice(&text[from..end]);
                let row = std::mem::take(&mut self.begun);
                self.row(&row);
            }
            from = end + 1;
        }
        self.begun.extend_from_slice(&text[from..]);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a table holds now, as the session's transaction sees it, of these columns.
pub(crate) async fn content_of(
    client: &Client,
    schema: &str,
    table: &str,
    columns: &[ColumnEntry],
) -> Result<Content, tokio_postgres::Error> {
    let table = format!("{}.{}", quote_identifier(schema), quote_identifier(table));
    let names: Vec<String> = columns.iter().map(|column| quote_identifier(&column.name)).collect();
    content_of_query(client, &format!("select {} from only {table}", names.join(", "))).await
}

/// The same of what a query returns.
pub(crate) async fn content_of_query(client: &Client, query: &str) -> Result<Content, tokio_postgres::Error> {
    let mut counter = Counter::default();
    let mut rows = pin!(client.copy_out(&format!("copy ({query}) to stdout")).await?);
    while let Some(text) = rows.try_next().await? {
        // It takes whatever it is given.
        let _ = counter.write(&text);
    }
    Ok(counter.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(pieces: &[&str]) -> Content {
        let mut counter = Counter::default();
        for piece in pieces {
            counter.write_all(piece.as_bytes()).unwrap();
        }
        counter.finish()
    }

    #[test]
    fn rows_count_in_any_order_and_in_pieces_of_any_size() {
        let whole = content(&["1\tone\n2\ttwo\n\n"]);
        assert_eq!(whole.rows, 3);
        assert_eq!(content(&["", "\n2\tt", "wo\n1", "\tone", "\n"]), whole);
        assert_ne!(content(&["1\ttwo\n2\tone\n\n"]).hash(), whole.hash());
        assert_ne!(content(&["1\tone\n1\tone\n2\ttwo\n\n"]).hash(), whole.hash());
    }

    #[test]
    fn a_file_of_pg_dump_ends_with_a_line_of_its_own() {
        assert_eq!(content(&["1\n2\n\\.\n", "\n\n"]), content(&["1\n2\n"]));
        // A backslash of a value is doubled.
        assert_eq!(content(&["\\\\.\n"]).rows, 1);
    }

    #[test]
    fn contents_add_up() {
        let mut first = content(&["1\n2\n"]);
        first += content(&["3\n"]);
        assert_eq!(first, content(&["3\n2\n1\n"]));
    }
}
