use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;

use hardtack::db::connect;
use hardtack::db::embedded::EmbeddedServer;
use hardtack::{ConnectOptions, Migrator, RevisionSet, UpgradeOptions};

use super::daemon::{Daemon, as_owner_of, find_program};
use super::patiently;

/// A hot standby, and the primary that it follows.
pub(crate) struct Standby {
    directory: PathBuf,
    database: String,
    /// Where the server's programs are.
    programs: PathBuf,
    _daemon: Daemon,
    primary: EmbeddedServer,
}

impl Standby {
    /// Migrates a primary of its own, and starts a standby from its base backup. None where there is no
    /// `pg_basebackup`.
    pub(crate) async fn start(revisions: &RevisionSet) -> Option<Self> {
        let primary = super::embedded().start().await.expect("a primary starts");
        let migrator = Migrator::new(revisions, primary.options().clone());
        migrator.upgrade(UpgradeOptions::default()).await.expect("the primary upgrades");
        // The server's own program, as the postmaster noted it.
        let data = primary.data_directory();
        let started = fs::read_to_string(data.join("postmaster.opts")).unwrap();
        let postgres = PathBuf::from(started.split([' ', '\n']).next().unwrap());
        let programs = postgres.parent().unwrap().to_owned();
        let backup = find_program("pg_basebackup", &[&programs])?;
        let (sockets, _) = primary.options().address().unwrap();
        // Beside the primary's data, and removed with it.
        let directory = data.parent().unwrap().join("standby");
        let mut command = as_owner_of(data, &backup);
        command.args([
            "-h",
            sockets,
            "-U",
            "postgres",
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
            "-D",
        ]);
        let made = command.arg(&directory).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::set_permissions(&directory, Permissions::from_mode(0o700)).unwrap();
        let place = directory.display().to_string();
        // A standby wants as many sessions as its primary allows.
        let admin = connect(primary.options(), "test").await.unwrap();
        let query = "select 'max_connections=' || current_setting('max_connections')";
        let sessions: String = admin.client.query_one(query, &[]).await.unwrap().get(0);
        let arguments = ["-D", &place, "-k", &place, "-c", "listen_addresses=", "-c", &sessions];
        let daemon = Daemon::start(&directory, "INT", &postgres, &arguments);
        let database = primary.options().database().to_owned();
        let standby = Self { directory, database, programs, _daemon: daemon, primary };
        standby.wait().await;
        Some(standby)
    }

    /// How to reach the primary.
    pub(crate) fn primary(&self) -> &ConnectOptions {
        self.primary.options()
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        let directory = self.directory.display().to_string().replace('/', "%2F");
        let url = format!("postgres://postgres@{directory}/{}", self.database);
        ConnectOptions::resolve(Some(&url), |_| None).unwrap()
    }

    /// What receives the primary's WAL as well, and replays nothing. None where there is no `pg_receivewal`.
    pub(crate) fn receive_wal(&self) -> Option<Daemon> {
        let program = find_program("pg_receivewal", &[&self.programs])?;
        let (data, (sockets, _)) = (self.primary.data_directory(), self.primary().address().unwrap());
        let (directory, owner) = (data.parent().unwrap().join("wal"), fs::metadata(data).unwrap());
        fs::create_dir(&directory).unwrap();
        chown(&directory, Some(owner.uid()), Some(owner.gid())).unwrap();
        let place = directory.display().to_string();
        let arguments = ["--no-loop", "-h", sockets, "-U", "postgres", "-D", &place];
        Some(Daemon::start(&directory, "INT", &program, &arguments))
    }

    /// Until it answers, and its primary sends to it.
    async fn wait(&self) {
        let primary = connect(self.primary(), "test").await.unwrap();
        let query = "select exists (select from pg_stat_replication where state = 'streaming')";
        patiently(async || {
            let streams: bool = primary.client.query_one(query, &[]).await.unwrap().get(0);
            match connect(&self.options(), "test").await {
                Ok(_) if streams => Ok(()),
                _ => Err(fs::read_to_string(self.directory.join("log")).unwrap_or_default()),
            }
        })
        .await;
    }
}
