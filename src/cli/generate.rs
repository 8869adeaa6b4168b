use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::output::remark;
use super::session::{Failure, Session};
use super::templates::{Template, tell_unknown};
use super::{ExitCode, generate_diff, generate_expand, snapshot};

pub(super) const EXAMPLES: &str = "With --from-diff the revision leads from what the folder's revisions make of an empty database to what is there: a database
URL, `database` for the configured one, a schema file (.sql), a snapshot (.json) or another folder. Up and down are written,
hazards are allowed by name, and what would delete data is refused. What `[drift] ignore` in hardtack.toml names is left out, such as
another tool's history table. Look it over: it is yours.

With --expand three revisions are written: new columns, with a trigger that keeps them and old ones in step while two versions of
the application write; a backfill; and the end of the old columns. Each has a down. They are tried on a scratch database. Look
them over: they are yours.

Files templates/up.sql, templates/down.sql and templates/rust.rs of the folder take the place of the texts that are written here.
In them {title}, {name}, {stem}, {version}, {date} and {sql} are filled in.

Examples:
  hardtack generate add_invoice_due_date
  hardtack generate \"Normalise e-mails\" --rust
  hardtack generate add_index --timestamp --dir db/migrations
  hardtack generate \"What ops changed\" --from-diff database
  hardtack generate catch_up --from-diff schema.sql --rename public.accounts.mail=public.accounts.email
  hardtack generate \"Split names\" --expand people --new \"first_name text not null = split_part(name, ' ', 1)\" \\
      --new \"last_name text = nullif(split_part(name, ' ', 2), '')\" --old \"name = concat_ws(' ', first_name, last_name)\"
  hardtack generate --baseline              the first revision, from the configured database";

/// Versions from here on are timestamps: the year 1000, written to the second.
const FIRST_TIMESTAMP: i64 = 10_000_101_000_000;

/// What `generate` takes.
#[derive(Args, Clone, Debug)]
pub struct GenerateArgs {
    /// What the revision does; becomes its name
    #[arg(required_unless_present = "baseline")]
    pub name: Option<String>,
    /// Write a Rust revision instead of SQL up and down, and the snapshot for its typed tables
    #[arg(long)]
    pub rust: bool,
    /// Number it by the time in UTC instead of the next number; the default where the newest one is
    #[arg(long)]
    pub timestamp: bool,
    /// Write three revisions that put new columns of this table in the place of old ones while the application runs
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["rust", "from_diff", "baseline"], requires_all = ["new_columns", "old_columns"])]
    pub expand: Option<String>,
    /// A column that comes, by an expression over the columns that are there; can be repeated
    #[arg(long = "new", value_name = "COLUMN TYPE [not null] = EXPRESSION", requires = "expand")]
    pub new_columns: Vec<String>,
    /// A column that goes, by an expression over the new ones; can be repeated
    #[arg(long = "old", value_name = "COLUMN = EXPRESSION", requires = "expand")]
    pub old_columns: Vec<String>,
    /// Write what leads from the revisions to this: a database, `database`, a schema file, a snapshot
    #[arg(long, value_name = "SOURCE", conflicts_with = "rust")]
    pub from_diff: Option<String>,
    /// Write the first revision, from an existing database: the configured one, or what --from-diff names
    #[arg(long, conflicts_with = "rust")]
    pub baseline: bool,
    /// What was renamed, not dropped and made anew: `[KIND:]OLD=NEW`, with schema and table; can be repeated
    #[arg(long = "rename", value_name = "OLD=NEW", requires = "from_diff")]
    pub renames: Vec<String>,
    /// Prefer forms that block nobody for long, which take no transaction
    #[arg(long, requires = "from_diff")]
    pub online: bool,
    /// Write it although rows or values will be gone for good
    #[arg(long, requires = "from_diff")]
    pub accept_data_loss: bool,
}

/// What a new revision is called.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) version: i64,
    /// As it stands in file names.
    pub(super) name: String,
    pub(super) stem: String,
    /// As it was given, in one line.
    pub(super) title: String,
}

impl Numbered {
    /// One of several revisions that are made together.
    pub(super) fn step(&self, further: i64, word: &str) -> Self {
        let (version, name) = (self.version + further, format!("{}_{word}", self.name));
        let stem = format!("V{version}__{name}");
        Self { version, name, stem, title: format!("{}: {word}", self.title) }
    }
}

pub(super) async fn run(session: &mut Session, args: &GenerateArgs) -> Result<ExitCode, Failure> {
    let folder = session.folder();
    tell_unknown(&folder);
    if let Some(table) = &args.expand {
        return generate_expand::run(session, args, &folder, table).await;
    }
    let revision = numbered(&folder, args)?;
    if args.baseline || args.from_diff.is_some() {
        return generate_diff::run(session, args, &folder, &revision).await;
    }
    let stem = &revision.stem;
    let fill = |template: Template| template.fill(&folder, &revision, "", "");
    let files = if args.rust {
        vec![(format!("{stem}.rs"), fill(Template::Rust)?)]
    } else {
        vec![
            (format!("{stem}.sql"), fill(Template::Up)?),
            (format!("{stem}.down.sql"), fill(Template::Down)?),
        ]
    };
    // The folder is resolved without the new revision, whose snapshot it is to be.
    let snapshot = if args.rust { snapshot_for(session, stem).await } else { None };
    let mut written = write(&folder, &files)?;
    written.extend(snapshot);
    let text = written.iter().map(|file| format!("wrote {file}\n")).collect::<String>();
    session.output.result(&Report { version: revision.version, stem, files: &written }, &text);
    Ok(ExitCode::Success)
}

pub(super) fn numbered(folder: &Path, args: &GenerateArgs) -> Result<Numbered, Failure> {
    let given = args.name.as_deref().unwrap_or("baseline");
    let name = hardtack_build::name_of(given)
        .ok_or_else(|| Failure::usage(format!("name a revision {given:?}: it has no letter or digit")))?;
    // It becomes a comment, which ends with its line.
    let title = given.split_whitespace().collect::<Vec<_>>().join(" ");
    let newest = newest_version(folder)?;
    let version =
        if args.timestamp || newest >= FIRST_TIMESTAMP { timestamp().max(newest + 1) } else { newest + 1 };
    let stem = format!("V{version}__{name}");
    Ok(Numbered { version, name, stem, title })
}

/// Takes the snapshot for a new Rust revision, where a server can be had; without one it can be taken later.
async fn snapshot_for(session: &mut Session, stem: &str) -> Option<String> {
    match snapshot::take_for(session, stem).await {
        Ok(file) => Some(file),
        Err(Failure { message, code: ExitCode::Refused }) => {
            remark(&format!("no snapshot was taken for it: failed to {message}; there `snapshot` takes it"));
            None
        }
        Err(Failure { message, .. }) => {
            remark(&format!(
                "no snapshot was taken for it: failed to {message}\ntake it with `hardtack snapshot --dir {}` before it \
                 uses `super::schema`",
                session.folder().display()
            ));
            None
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: i64,
    stem: &'a str,
    files: &'a [String],
}

/// Creates the files, all or none; never overwrites one.
pub(super) fn write(folder: &Path, files: &[(String, String)]) -> Result<Vec<String>, Failure> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, text) in files {
        let path = folder.join(file);
        let result = std::fs::create_dir_all(path.parent().unwrap_or(folder))
            .and_then(|()| File::create_new(&path))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = result {
            for path in &written {
                // Ours, and made a moment ago.
                let _ = std::fs::remove_file(path);
            }
            return Err(Failure::from_error(format!("write {}: {error}; nothing was kept", path.display())));
        }
        written.push(path);
    }
    Ok(written.iter().map(|path| path.display().to_string()).collect())
}

/// The newest version in the folder, whatever else is wrong there; 0 where there is none.
pub(super) fn newest_version(folder: &Path) -> Result<i64, Failure> {
    let versions = hardtack_build::versions(folder).map_err(Failure::from_error)?;
    Ok(versions.into_iter().max().unwrap_or(0))
}

fn timestamp() -> i64 {
    let now = OffsetDateTime::now_utc();
    let date = i64::from(now.year()) * 10_000 + i64::from(u8::from(now.month())) * 100 + i64::from(now.day());
    date * 1_000_000
        + i64::from(now.hour()) * 10_000
        + i64::from(now.minute()) * 100
        + i64::from(now.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_a_date_and_a_time() {
        assert!(timestamp() > 20_260_101_000_000);
        assert!(timestamp() < 99_991_231_235_959);
    }
}
