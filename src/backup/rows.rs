//! Rows by `COPY`: several tables at once, and a large one in pieces, each packed as it comes.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use tokio::sync::mpsc;
use tokio_postgres::Client;

use super::content::Counter;
use super::pack::PackedFile;
use super::place::Draft;
use super::pulse::Pulse;
use super::survey::{Snapshot, Survey, SurveyedTable, reading};
use super::take::{Request, Taken};
use super::unpack::PIECE;
use super::{BackupError, Content, FileEntry, Recipients, TableEntry};
use crate::db::{blocking, quote_identifier};

/// The pages of a piece: 128 MB.
const PAGES: u64 = 16_384;

/// From this version on the server finds a range of rows without reading the whole table.
const RANGES_SINCE: u32 = 140_000;

/// How many pieces of text wait for the packer at the most.
const WAITING: usize = 4;

/// Some pages of a table, or all of them.
struct Piece {
    /// The table's place in the survey.
    table: usize,
    query: String,
    file: String,
}

/// A piece that was copied.
struct Copied {
    table: usize,
    name: String,
    file: FileEntry,
    content: Content,
}

/// Copies the rows of the surveyed tables.
pub(super) async fn copy(
    request: &Request<'_>,
    snapshot: &Snapshot,
    survey: &Survey,
    draft: &Arc<dyn Draft>,
) -> Result<Taken, BackupError> {
    let total = survey.tables.iter().map(|table| table.bytes).sum();
    let pulse = Pulse::new("copying rows", total, request.tell);
    let queue = Mutex::new(pieces(&survey.tables, snapshot.server_version()));
    let workers = (0..request.jobs.max(1)).map(|number| {
        let (queue, pulse) = (&queue, &pulse);
        async move {
            // The first works with the session that holds the snapshot.
            let joined = match number {
                0 => None,
                _ if is_empty(queue) => return Ok(Vec::new()),
                _ => Some(
                    snapshot.join(request.options, request.history.role(), request.application_name).await?,
                ),
            };
            let client = joined.as_ref().map_or(snapshot.client(), |connection| &connection.client);
            let mut copied = Vec::new();
            while let Some(piece) = next(queue) {
                copied.push(copy_piece(client, piece, draft, request.recipients, pulse).await?);
            }
            Ok::<_, BackupError>(copied)
        }
    });
    let copied = try_join_all(workers).await?.into_iter().flatten().collect();
    Ok(entries(&survey.tables, copied))
}

fn is_empty(queue: &Mutex<VecDeque<Piece>>) -> bool {
    queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
}

fn next(queue: &Mutex<VecDeque<Piece>>) -> Option<Piece> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// The pieces of all tables, the large tables first, so that none of them is left for the end.
fn pieces(tables: &[SurveyedTable], server: u32) -> VecDeque<Piece> {
    let mut order: Vec<(usize, &SurveyedTable)> =
        tables.iter().enumerate().filter(|(_, table)| table.pages > 0).collect();
    order.sort_by_key(|(_, table)| std::cmp::Reverse(table.pages));
    let mut pieces = VecDeque::new();
    for (place, table) in order {
        let number = if server >= RANGES_SINCE { table.pages.div_ceil(PAGES) } else { 1 };
        for piece in 0..number {
            let (from, to) = (piece * PAGES, (piece + 1) * PAGES);
            let range = match (number, piece + 1 == number) {
                (1, _) => String::new(),
                // Rows may have come behind the end meanwhile; the snapshot does not see them.
                (_, true) => format!(" where ctid >= '({from},0)'::pg_catalog.tid"),
                _ => format!(
                    " where ctid >= '({from},0)'::pg_catalog.tid and ctid < '({to},0)'::pg_catalog.tid"
                ),
            };
            let file = match number {
                1 => format!("tables/{:05}.copy", place + 1),
                _ => format!("tables/{:05}.{:05}.copy", place + 1, piece + 1),
            };
            let query =
                format!("copy (select {} from only {}{range}) to stdout", names(table), table.qualified());
            pieces.push_back(Piece { table: place, query, file });
        }
    }
    pieces
}

fn names(table: &SurveyedTable) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
    names.join(", ")
}

async fn copy_piece(
    client: &Client,
    piece: Piece,
    draft: &Arc<dyn Draft>,
    recipients: &Recipients,
    pulse: &Pulse<'_>,
) -> Result<Copied, BackupError> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let write = |source| BackupError::Write { file: piece.file.clone(), left: draft.left(), source };
    let packing = pack(Arc::clone(draft), piece.file.clone(), recipients.clone(), receiver);
    let reading = read(client, &piece.query, sender, pulse);
    // A packer that failed takes nothing more, which ends the reader; its error is the one to tell.
    let (packed, read) = tokio::join!(packing, reading);
    let ((name, file), content) = packed.map_err(write)?;
    read?;
    Ok(Copied { table: piece.table, name, file, content })
}

async fn pack(
    draft: Arc<dyn Draft>,
    name: String,
    recipients: Recipients,
    mut receiver: mpsc::Receiver<Bytes>,
) -> std::io::Result<((String, FileEntry), Content)> {
    blocking(move |_| {
        let mut file = PackedFile::create(&*draft, &name, true, &recipients)?;
        let mut counter = Counter::default();
        while let Some(text) = receiver.blocking_recv() {
            counter.write_all(&text)?;
            file.write_all(&text)?;
        }
        Ok((file.finish()?, counter.finish()))
    })
    .await
}

async fn read(
    client: &Client,
    query: &str,
    sender: mpsc::Sender<Bytes>,
    pulse: &Pulse<'_>,
) -> Result<(), BackupError> {
    let rows = client.copy_out(query).await.map_err(reading("copy rows"))?;
    let mut rows = pin!(rows);
    let mut text = BytesMut::with_capacity(PIECE * 2);
    while let Some(row) = rows.try_next().await.map_err(reading("copy rows"))? {
        text.extend_from_slice(&row);
        if text.len() >= PIECE {
            pulse.add(text.len() as u64);
            if sender.send(text.split().freeze()).await.is_err() {
                return Ok(());
            }
            text.reserve(PIECE * 2);
        }
    }
    pulse.add(text.len() as u64);
    // Whether it was taken, the packer tells.
    let _ = sender.send(text.freeze()).await;
    Ok(())
}

fn entries(tables: &[SurveyedTable], mut copied: Vec<Copied>) -> Taken {
    copied.sort_by(|one, other| one.name.cmp(&other.name));
    let mut contents = vec![(Content::default(), Vec::new()); tables.len()];
    let mut files = BTreeMap::new();
    for Copied { table, name, file, content } in copied {
        contents[table].0 += content;
        contents[table].1.push(name.clone());
        files.insert(name, file);
    }
    let tables = tables.iter().zip(contents);
    let tables = tables.map(|(table, (content, files))| table.entry(content, files)).collect();
    Taken { files, tables, archive: None }
}

impl SurveyedTable {
    /// What a manifest says of it.
    pub(super) fn entry(&self, content: Content, files: Vec<String>) -> TableEntry {
        TableEntry {
            schema: self.schema.clone(),
            name: self.name.clone(),
            columns: self.columns.clone(),
            content: content.into(),
            bytes: self.bytes,
            files,
        }
    }
}
