//! Archives of `pg_dump`: written, then packed where `pg_dump` did not, hashed, and their rows counted.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};

use super::begun::{Told, watched};
use super::content::Counter;
use super::pack::{PackedFile, ZSTD};
use super::place::Draft;
use super::pulse::Pulse;
use super::survey::{Snapshot, Survey, reading};
use super::take::{Request, Taken};
use super::unpack::PIECE;
use super::{ArchiveEntry, BackupError, Content, FileEntry, Recipients};
use crate::config::Role;
use crate::db::{Archive, DumpError, PgDump, PgRestore, Wanted, blocking, first_value};
use crate::words::hex;

/// The folder of a backup that holds the archive.
pub(super) const ARCHIVE: &str = "archive";

/// Whether a file of a backup is one of its archive.
pub(super) fn is_in_archive(name: &str) -> bool {
    name.strip_prefix(ARCHIVE).is_some_and(|rest| rest.starts_with('/'))
}

/// Since this version `pg_dump` compresses with zstd, and `pg_restore` reads it, where they were built so.
pub(super) const ZSTD_SINCE: u32 = 16;

/// A file of the archive.
#[derive(Clone)]
struct Item {
    path: PathBuf,
    /// Its name in the backup.
    name: String,
    /// The table whose rows it holds: its place in the survey.
    table: Option<usize>,
    /// Whether it is still to be compressed.
    compress: bool,
}

/// A file where it belongs.
struct Settled {
    name: String,
    file: FileEntry,
    rows: Option<(usize, Content)>,
}

/// Dumps what the snapshot sees.
pub(super) async fn dump(
    request: &Request<'_>,
    snapshot: &Snapshot,
    survey: &Survey,
    draft: &Arc<dyn Draft>,
) -> Result<Taken, BackupError> {
    let major = snapshot.server_version() / 10_000;
    let pg_dump = PgDump::find(request.programs, major).await?;
    let folder = draft.folder().join(ARCHIVE);
    let is_packed = write(request, snapshot, survey, &pg_dump, draft).await?;
    // What it holds, its own twin says; it is wanted for the way back as well.
    let pg_restore = PgRestore::find(&folder, request.programs, pg_dump.major().max(major)).await?;
    let contents = table_data(&pg_restore.contents(request.options).await?);
    let items = items(&folder, survey, &contents, is_packed);
    let failed = |source| BackupError::Write { file: ARCHIVE.to_owned(), left: draft.left(), source };
    let items = items.map_err(failed)?;
    let settled = settle_all(items, draft, request).await?;
    let archive = ArchiveEntry { pg_dump: pg_dump.major(), packed_by_pg_dump: is_packed };
    Ok(taken(survey, settled, archive))
}

/// Runs `pg_dump`; whether it compressed.
async fn write(
    request: &Request<'_>,
    snapshot: &Snapshot,
    survey: &Survey,
    pg_dump: &PgDump,
    draft: &Arc<dyn Draft>,
) -> Result<bool, BackupError> {
    let folder = &draft.folder().join(ARCHIVE);
    let client = snapshot.client();
    let messages = client.simple_query(
        "select setting from pg_catalog.pg_settings where name = 'bytea_output' and reset_val <> 'hex'",
    );
    let escapes_bytes = first_value(&messages.await.map_err(reading("read a setting"))?).is_some();
    let mut archive = Archive {
        folder,
        jobs: request.jobs.max(1),
        snapshot: &snapshot.id,
        schema_only: request.strategy == super::Strategy::SchemaOnly,
        compress: pg_dump.major() >= ZSTD_SINCE,
        lock_wait: request.lock_wait,
        role: request.history.role().map(Role::as_str),
        escapes_bytes,
    };
    match run(request, survey, pg_dump, archive, draft).await {
        // Some are built without.
        Err(DumpError::Failed { message, .. })
            if archive.compress && message.contains("build does not support") =>
        {
            archive.compress = false;
            // It had not begun, or what it had made is of no use.
            let _ = fs::remove_dir_all(folder);
            run(request, survey, pg_dump, archive, draft).await?;
        }
        done => done?,
    }
    Ok(archive.compress)
}

async fn run(
    request: &Request<'_>,
    survey: &Survey,
    pg_dump: &PgDump,
    archive: Archive<'_>,
    draft: &Arc<dyn Draft>,
) -> Result<(), DumpError> {
    let sizes: HashMap<String, u64> =
        survey.tables.iter().map(|table| (format!("{}.{}", table.schema, table.name), table.bytes)).collect();
    let pulse = Pulse::new("dumping", sizes.values().sum(), request.tell);
    // The folder stays until the program has ended, also where nobody waits for it any more.
    let folder = Arc::clone(draft);
    let dump = |told: Told| {
        let told = move |table: &str| {
            let _ = &folder;
            told(table);
        };
        pg_dump.archive(request.options, archive, told)
    };
    watched(&pulse, sizes, archive.jobs, dump).await
}

/// The tables whose rows an archive holds, by the server's number of the table: the number in the archive, which names the
/// file. From `3346; 0 16385 TABLE DATA public orders postgres`.
pub(super) fn table_data(contents: &str) -> HashMap<u32, u32> {
    let of_line = |line: &str| {
        let (dump_id, rest) = line.split_once("; ")?;
        let (numbers, _) = rest.split_once(" TABLE DATA ")?;
        let (_, oid) = numbers.split_once(' ')?;
        Some((oid.parse().ok()?, dump_id.parse().ok()?))
    };
    contents.lines().filter_map(of_line).collect()
}

fn items(
    folder: &Path,
    survey: &Survey,
    contents: &HashMap<u32, u32>,
    is_packed: bool,
) -> io::Result<Vec<Item>> {
    let of_dump_id: HashMap<u32, usize> = survey
        .tables
        .iter()
        .enumerate()
        .filter_map(|(place, table)| Some((*contents.get(&table.oid)?, place)))
        .collect();
    let mut items = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let stem = file.trim_end_matches(ZSTD);
        let dump_id = stem.strip_suffix(".dat").and_then(|number| number.parse::<u32>().ok());
        let is_data = stem.ends_with(".dat") && stem != "toc.dat";
        items.push(Item {
            path: entry.path(),
            name: format!("{ARCHIVE}/{file}"),
            table: dump_id.and_then(|number| of_dump_id.get(&number).copied()),
            compress: is_data && !is_packed,
        });
    }
    // The large ones first, so that none of them is left for the end.
    items.sort_by_cached_key(|item| std::cmp::Reverse(fs::metadata(&item.path).map_or(0, |file| file.len())));
    Ok(items)
}

async fn settle_all(
    items: Vec<Item>,
    draft: &Arc<dyn Draft>,
    request: &Request<'_>,
) -> Result<Vec<Settled>, BackupError> {
    let (queue, left) = (Arc::new(Mutex::new(VecDeque::from(items))), draft.left());
    let workers = (0..request.jobs.max(1)).map(|_| {
        let (queue, draft, recipients) = (Arc::clone(&queue), Arc::clone(draft), request.recipients.clone());
        async move {
            let mut settled = Vec::new();
            loop {
                let item = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(item) = item else { return Ok::<_, BackupError>(settled) };
                let (draft, recipients, file) = (Arc::clone(&draft), recipients.clone(), item.name.clone());
                let one = blocking(move |wanted| settle(&item, &*draft, &recipients, wanted)).await;
                settled.push(one.map_err(|source| BackupError::Write { file, left, source })?);
            }
        }
    });
    Ok(try_join_all(workers).await?.into_iter().flatten().collect())
}

/// Brings a file to where it belongs, in the form that it is to have.
fn settle(item: &Item, draft: &dyn Draft, recipients: &Recipients, wanted: &Wanted) -> io::Result<Settled> {
    let stays = draft.keeps_folder() && !item.compress && recipients.is_empty();
    let mut target = match stays {
        true => Target::Here { hash: Sha256::new(), bytes: 0 },
        false => Target::There(PackedFile::create(draft, &item.name, item.compress, recipients)?),
    };
    let mut rows = Rows::of(item)?;
    let mut file = File::open(&item.path)?;
    let mut piece = vec![0; PIECE];
    loop {
        wanted.check()?;
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        target.write(&piece[..read])?;
        rows.write(&piece[..read])?;
    }
    let rows = rows.finish()?.and_then(|content| Some((item.table?, content)));
    let (name, entry) = match target {
        Target::Here { hash, bytes } => {
            only_for_the_owner(&item.path)?;
            file.sync_all()?;
            (item.name.clone(), FileEntry { bytes, sha256: hex(&hash.finalize()) })
        }
        Target::There(packed) => {
            fs::remove_file(&item.path)?;
            packed.finish()?
        }
    };
    Ok(Settled { name, file: entry, rows })
}

/// Where a file goes.
enum Target {
    /// It stays, and is hashed.
    Here {
        hash: Sha256,
        bytes: u64,
    },
    There(PackedFile),
}

impl Target {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Here { hash, bytes } => {
                hash.update(piece);
                *bytes += piece.len() as u64;
                Ok(())
            }
            Self::There(file) => file.write_all(piece),
        }
    }
}

/// Counts the rows of a file that has some.
enum Rows {
    None,
    Plain(Counter),
    Zstd(Box<zstd::stream::write::Decoder<'static, Counter>>),
}

impl Rows {
    fn of(item: &Item) -> io::Result<Self> {
        Ok(match item.table {
            None => Self::None,
            Some(_) if item.name.ends_with(ZSTD) => {
                Self::Zstd(Box::new(zstd::stream::write::Decoder::new(Counter::default())?))
            }
            Some(_) => Self::Plain(Counter::default()),
        })
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Plain(counter) => counter.write_all(piece),
            Self::Zstd(decoder) => decoder.write_all(piece),
        }
    }

    fn finish(self) -> io::Result<Option<Content>> {
        Ok(match self {
            Self::None => None,
            Self::Plain(counter) => Some(counter.finish()),
            Self::Zstd(mut decoder) => {
                decoder.flush()?;
                Some(decoder.into_inner().finish())
            }
        })
    }
}

#[cfg(unix)]
fn only_for_the_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same face everywhere")]
fn only_for_the_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

fn taken(survey: &Survey, settled: Vec<Settled>, archive: ArchiveEntry) -> Taken {
    let mut contents = vec![(Content::default(), Vec::new()); survey.tables.len()];
    let mut files = BTreeMap::new();
    for Settled { name, file, rows } in settled {
        if let Some((table, content)) = rows {
            contents[table] = (content, vec![name.clone()]);
        }
        files.insert(name, file);
    }
    let tables = survey.tables.iter().zip(contents);
    let tables = tables.map(|(table, (content, files))| table.entry(content, files)).collect();
    Taken { files, tables, archive: Some(archive) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_the_table_of_contents() {
        let contents = ";\n; Archive created at 2026\n;\n215; 1259 16386 TABLE public a postgres\n\
            3346; 0 16386 TABLE DATA public a postgres\n3347; 0 16393 TABLE DATA public my table postgres\n\
            3200; 2606 16392 CONSTRAINT public a a_pkey postgres\n";
        assert_eq!(table_data(contents), HashMap::from([(16_386, 3_346), (16_393, 3_347)]));
    }
}
