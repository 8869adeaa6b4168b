//! Whether a backup is what was taken: by reading it.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;

use super::archive::{ARCHIVE, is_in_archive, table_data};
use super::content::Counter;
use super::stored::Stored;
use super::unpack::{self, PIECE};
use super::{BackupError, Content, RowsEntry, Strategy, TableEntry};
use crate::db::{ConnectOptions, PgRestore, Wanted, blocking};

/// What there is to look at.
enum Item {
    File(String),
    Table(usize),
}

/// Reads the whole backup; what is wrong with it.
pub(crate) async fn read_through(stored: &Stored, jobs: usize) -> Result<Vec<String>, BackupError> {
    let mut items: VecDeque<Item> = stored.manifest.files.keys().cloned().map(Item::File).collect();
    if stored.is_readable() {
        items.extend((0..stored.manifest.tables.len()).map(Item::Table));
    }
    let items = Arc::new(Mutex::new(items));
    let workers = (0..jobs.max(1)).map(|_| {
        let (items, stored) = (Arc::clone(&items), stored.clone());
        blocking(move |wanted| {
            let mut faults = Vec::new();
            loop {
                let item = items.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(item) = item else { return Ok(faults) };
                faults.extend(look(&stored, &item, wanted)?);
            }
        })
    });
    let unread = |source| BackupError::Read { file: stored.path.clone(), source };
    let mut faults: Vec<String> =
        try_join_all(workers).await.map_err(unread)?.into_iter().flatten().collect();
    faults.sort();
    Ok(faults)
}

fn look(stored: &Stored, item: &Item, wanted: &Wanted) -> io::Result<Option<String>> {
    wanted.check()?;
    Ok(match item {
        Item::File(name) => {
            unpack::compare(&*stored.source, name, &stored.manifest.files[name], wanted).err()
        }
        Item::Table(place) => {
            let table = &stored.manifest.tables[*place];
            match count(stored, table, wanted) {
                Ok(content) => {
                    differs(&table.content, content).map(|how| format!("the rows of {table}: {how}"))
                }
                // Whose fault that is, the file's own hash tells.
                Err(error) => Some(format!("the rows of {table} cannot be read: {error}")),
            }
        }
    })
}

fn count(stored: &Stored, table: &TableEntry, wanted: &Wanted) -> io::Result<Content> {
    let mut content = Content::default();
    let mut piece = vec![0; PIECE];
    for name in &table.files {
        let mut file = unpack::open(&*stored.source, name, &stored.identities)?;
        let mut counter = Counter::default();
        loop {
            wanted.check()?;
            match file.read(&mut piece)? {
                0 => break,
                read => counter.write_all(&piece[..read])?,
            }
        }
        content += counter.finish();
    }
    Ok(content)
}

/// How rows that were found differ from those that were taken.
pub(super) fn differs(taken: &RowsEntry, found: Content) -> Option<String> {
    let found = RowsEntry::from(found);
    if found == *taken {
        None
    } else if found.rows == taken.rows {
        Some(format!("there are {} as there were, and some are others", found.rows))
    } else {
        Some(format!("there are {}, and there were {}", found.rows, taken.rows))
    }
}

/// Compares an archive's own table of contents with the manifest.
pub(super) async fn read_contents(
    stored: &Stored,
    archive: &Path,
    programs: Option<&Path>,
    options: &ConnectOptions,
) -> Result<Vec<String>, BackupError> {
    let manifest = &stored.manifest;
    let major = manifest.archive.map_or(0, |archive| archive.pg_dump);
    let contents = PgRestore::find(archive, programs, major).await?.contents(options).await?;
    let data: HashMap<u32, u32> = table_data(&contents);
    let listed: Vec<String> = data.values().map(|dump_id| format!("{ARCHIVE}/{dump_id}.dat")).collect();
    let is_listed = |file: &String| listed.iter().any(|name| name == unpack::unpacked_name(file));
    // Of a schema alone, the rows of its history are beside the archive.
    let is_in_it = |file: &&String| is_in_archive(file);
    let missing = manifest.tables.iter().filter(|table| !table.files.iter().filter(is_in_it).all(is_listed));
    let mut faults: Vec<String> =
        missing.map(|table| format!("the archive's table of contents has no rows of {table}")).collect();
    if manifest.strategy == Strategy::Full && data.is_empty() && manifest.rows() > 0 {
        faults.push("the archive's table of contents has no rows at all".to_owned());
    }
    Ok(faults)
}
