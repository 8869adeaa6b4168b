use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::output::remark;
use super::session::{Failure, Session};
use super::{ExitCode, snapshot};

pub(super) const EXAMPLES: &str = "Examples:
  hardtack generate add_invoice_due_date
  hardtack generate \"Normalise e-mails\" --rust
  hardtack generate add_index --timestamp --dir db/migrations";

/// Versions from here on are timestamps: the year 1000, written to the second.
const FIRST_TIMESTAMP: i64 = 10_000_101_000_000;

/// What `generate` takes.
#[derive(Args, Clone, Debug)]
pub struct GenerateArgs {
    /// What the revision does; becomes its name
    pub name: String,
    /// Write a Rust revision instead of SQL up and down, and the snapshot for its typed tables
    #[arg(long)]
    pub rust: bool,
    /// Number it by the time in UTC instead of the next number; the default where the newest one is
    #[arg(long)]
    pub timestamp: bool,
}

pub(super) async fn run(session: &mut Session, args: &GenerateArgs) -> Result<ExitCode, Failure> {
    let folder = session.folder();
    let name = hardtack_build::name_of(&args.name).ok_or_else(|| {
        Failure::usage(format!("name a revision {:?}: it has no letter or digit", args.name))
    })?;
    // It becomes a comment, which ends with its line.
    let title = args.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let newest = newest_version(&folder)?;
    let version =
        if args.timestamp || newest >= FIRST_TIMESTAMP { timestamp().max(newest + 1) } else { newest + 1 };
    let stem = format!("V{version}__{name}");
    let files = if args.rust {
        vec![(format!("{stem}.rs"), RUST.replace("{name}", &title))]
    } else {
        vec![
            (format!("{stem}.sql"), format!("-- {title}\n")),
            (format!("{stem}.down.sql"), format!("-- Undoes {stem}.sql\n")),
        ]
    };
    // The folder is resolved without the new revision, whose snapshot it is to be.
    let snapshot = if args.rust { snapshot::take_for(session, &stem).await.map(Some) } else { Ok(None) };
    let mut written = write(&folder, &files)?;
    match snapshot {
        Ok(snapshot) => written.extend(snapshot),
        Err(Failure { message, .. }) => remark(&format!(
            "no snapshot was taken for it: failed to {message}\ntake it with `hardtack snapshot --dir {}` before it \
             uses `super::schema`",
            folder.display()
        )),
    }
    let text = written.iter().map(|file| format!("wrote {file}\n")).collect::<String>();
    session.output.result(&Report { version, stem: &stem, files: &written }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    version: i64,
    stem: &'a str,
    files: &'a [String],
}

const RUST: &str = r#"//! {name}

use hardtack::prelude::*;

#[hardtack::up]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context.execute("select 1", &[]).await?;
    Ok(())
}

#[hardtack::down]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context.execute("select 1", &[]).await?;
    Ok(())
}
"#;

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
fn newest_version(folder: &Path) -> Result<i64, Failure> {
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
