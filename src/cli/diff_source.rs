use std::path::Path;

use super::output::{count, remark};
use super::progress;
use super::session::{Failure, Session};
use super::settings::on_command_line;
use crate::catalog::{Catalog, Ignore, Snapshot, SnapshotError};
use crate::db::{ConnectOptions, process_environment};
use crate::engine::{Event, Source};
use crate::revisions::{RevisionSet, SchemaFile};

/// A side of a comparison, as it was named.
pub(super) struct Side {
    /// What people call it.
    pub(super) name: String,
    /// What a file that others read may say of it: a database's name without the way to it.
    short: String,
    source: Source,
}

/// A side that was read.
pub(super) struct ReadSide {
    pub(super) name: String,
    pub(super) short: String,
    pub(super) catalog: Catalog,
}

impl ReadSide {
    pub(super) fn without_ignored(self, ignore: &Ignore) -> Self {
        Self { catalog: self.catalog.without_ignored(ignore), ..self }
    }
}

/// What a side may be, for help and errors.
pub(super) const SIDES: &str = "a database URL or keyword string, `database`, `migrations`, a snapshot (.json), a schema file (.sql) or a folder of \
    revisions";

impl Side {
    /// Understands what a side was named. Starts the development server where a scratch database is wanted, and no database
    /// was configured beside which it could stand.
    pub(super) async fn named(session: &mut Session, text: &str) -> Result<Self, Failure> {
        match text {
            "database" => {
                let database = session.database().await?;
                return Ok(Self::of_database(session, database));
            }
            "migrations" => {
                if let Some(folder) = session.other_folder() {
                    return Err(of_another_folder(&folder));
                }
                let revisions = session.lenient_revisions()?;
                let name = match &session.settings.dir.value {
                    Some(_) => "migrations".to_owned(),
                    None => format!("migrations ({} in the binary)", count(revisions.len(), "revision")),
                };
                return Self::revisions(session, name, &revisions).await;
            }
            _ => {}
        }
        let path = Path::new(text);
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::database(session, text);
        }
        if path.is_dir() {
            return Self::revisions(session, text.to_owned(), &Session::revisions_of(path)?).await;
        }
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Self::snapshot(path),
            Some("sql") => Self::schema(session, path).await,
            _ if path.exists() => {
                Err(Failure::usage(format!("read {text}: it ends in neither .json nor .sql; give {SIDES}")))
            }
            _ if text.contains('=') => Self::database(session, text),
            _ => Err(Failure::usage(format!("find {text}: there is no such file or folder; give {SIDES}"))),
        }
    }

    /// What a set of revisions makes of an empty database.
    pub(super) async fn revisions(
        session: &mut Session,
        name: String,
        revisions: &RevisionSet,
    ) -> Result<Self, Failure> {
        let database = session.database().await?;
        // Its steps are no progress of the database that was configured; what it goes without is worth a word.
        let migrator = session.migrator_on(revisions, database).on_event(|event| {
            if matches!(event, Event::PassedOver { .. }) {
                progress::tell(event);
            }
        });
        Ok(Self { short: name.clone(), name, source: Source::Revisions(Box::new(migrator)) })
    }

    /// An empty database, as the configured database's server makes it.
    pub(super) async fn empty(session: &mut Session) -> Result<Self, Failure> {
        let (name, file) = ("nothing".to_owned(), SchemaFile::default());
        let database = session.database().await?;
        let beside = Box::new(session.migrator_on(&nothing(), database));
        Ok(Self { source: Source::Schema { beside, name: name.clone(), file }, short: name.clone(), name })
    }

    fn database(session: &Session, url: &str) -> Result<Self, Failure> {
        let options = on_command_line(url, &process_environment)?;
        Ok(Self::of_database(session, options))
    }

    fn of_database(session: &Session, options: ConnectOptions) -> Self {
        let (name, short) = (options.redacted(), format!("database {}", options.database()));
        let migrator = session.migrator_on(&nothing(), options);
        Self { name, short, source: Source::Database(Box::new(migrator)) }
    }

    fn snapshot(path: &Path) -> Result<Self, Failure> {
        let snapshot = Snapshot::parse(&text_of(path)?).map_err(|error| {
            let SnapshotError::Form(reason) = &error else {
                return Failure::usage(format!("use {}: {error}", path.display()));
            };
            Failure::usage(format!(
                "read {} as a snapshot: {reason}; `hardtack snapshot` writes one",
                path.display()
            ))
        })?;
        let name = path.display().to_string();
        Ok(Self { short: name.clone(), name, source: Source::Catalog(Box::new(snapshot.catalog)) })
    }

    async fn schema(session: &mut Session, path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = SchemaFile::read(&text_of(path)?)
            .map_err(|error| Failure::usage(format!("read {name}: {error}; nothing was changed")))?;
        if file.subscriptions > 0 {
            remark(&format!("{name}: subscriptions are left out; a scratch database has none"));
        }
        let database = session.database().await?;
        let beside = Box::new(session.migrator_on(&nothing(), database));
        Ok(Self { source: Source::Schema { beside, name: name.clone(), file }, short: name.clone(), name })
    }

    async fn read(self) -> Result<ReadSide, Failure> {
        let Self { name, short, source } = self;
        let read = source.read().await?;
        if !read.missing_owners.is_empty() {
            remark(&format!(
                "{name}: its owners are left out, for this server has no role {}",
                read.missing_owners.join(", ")
            ));
        }
        Ok(ReadSide { name, short, catalog: read.catalog })
    }
}

/// Reads both at the same time.
pub(super) async fn read_both(from: Side, to: Side) -> Result<(ReadSide, ReadSide), Failure> {
    let (from, to) = tokio::join!(from.read(), to.read());
    let (from, to) = (from?, to?);
    let major = |side: &ReadSide| side.catalog.server / 10_000;
    if major(&from) != major(&to) && major(&from) > 0 && major(&to) > 0 {
        remark(&format!(
            "{} is of PostgreSQL {}, {} of {}: they may write the same expression in two ways",
            from.name,
            major(&from),
            to.name,
            major(&to)
        ));
    }
    Ok((from, to))
}

fn of_another_folder(folder: &Path) -> Failure {
    let folder = folder.display();
    Failure::usage(format!(
        "tell which `migrations` are meant: this binary was built from other revisions than {folder}; give --dir {folder}, \
         or ./{folder} for the side"
    ))
}

fn nothing() -> RevisionSet {
    RevisionSet::from_revisions(Vec::new())
}

fn text_of(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("read {}: {error}; give {SIDES}", path.display())))
}
