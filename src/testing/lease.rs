use std::sync::Arc;
use std::time::{Duration, Instant};

use super::database::APPLICATION_NAME;
use super::server::Server;
use super::survey::Altered;
use super::template::{self, Template};
use super::{Setup, TestError};
use crate::db::{
    ConnectError, ConnectOptions, Connection, Likeness, Scratch, ScratchError, ServerMessage, connect,
    quote_literal, values_of,
};

/// A copy of a template that a test has for itself. Given back, it is used again if what the test did to it can be undone, and
/// dropped if not. It has another name for each test, so that nobody who was left behind by one is in the way of the next.
#[derive(Debug)]
pub(super) struct Lease {
    scratch: Scratch,
    template: Arc<Template>,
    terms: Terms,
}

/// What the database was like, beside what is in it, when it was taken.
#[derive(Debug)]
struct Terms {
    /// A transaction before which everything was written.
    since: String,
    /// What the server's shared tables say of it.
    shared: String,
}

impl Lease {
    pub(super) async fn take(server: &Server, setup: &Setup) -> Result<Self, TestError> {
        loop {
            let template = template::ensure(server, setup).await?;
            let idle = template.idle();
            let likeness = Likeness::LeftOrCopy { left: &idle, template: &template.name };
            match Scratch::create(server.options(), None, likeness, APPLICATION_NAME).await {
                // Another process has removed it for its age.
                Err(ScratchError::NoTemplate { .. }) => template::forget(&template),
                made => {
                    let scratch = made?;
                    let terms = Terms::of(&scratch).await.map_err(ScratchError::from)?;
                    return Ok(Self { scratch, template, terms });
                }
            }
        }
    }

    /// How to reach it.
    pub(super) fn options(&self) -> &ConnectOptions {
        self.scratch.options()
    }

    /// A test has passed or failed whatever becomes of this; the log tells.
    pub(super) async fn give_back(self) {
        if let Err(reason) = self.restore().await {
            tracing::debug!(database = self.options().database(), %reason, "a test's database is not used again");
            let _ = self.scratch.discard().await;
        }
    }

    async fn restore(&self) -> Result<(), GiveBackError> {
        let beside = self.scratch.beside();
        end_sessions(beside, self.options().database()).await?;
        if Terms::of(&self.scratch).await?.shared != self.terms.shared {
            return Err(Altered::Schema.into());
        }
        let session = connect(self.options(), APPLICATION_NAME).await?;
        let restored = self.template.baseline.restore(&session, &self.terms.since).await;
        session.close().await;
        restored?;
        // The server is not done with a session when its socket is closed, and then waits for a tenth of a second.
        end_sessions(beside, self.options().database()).await?;
        let number = fastrand::u32(..);
        Ok(self.scratch.leave(&format!("{}{number:08x}", self.template.idle())).await?)
    }
}

#[derive(Debug, thiserror::Error)]
enum GiveBackError {
    #[error(transparent)]
    Altered(#[from] Altered),
    #[error("failed to {0}")]
    Connect(#[from] ConnectError),
    #[error("{}", ServerMessage(.0))]
    Server(#[from] tokio_postgres::Error),
}

impl Terms {
    async fn of(scratch: &Scratch) -> Result<Self, tokio_postgres::Error> {
        let query = format!(
            "select pg_catalog.unnest(array[pg_catalog.pg_current_xact_id()::pg_catalog.text, pg_catalog.json_build_array( \
                 d.datdba, d.encoding, d.datistemplate, d.datallowconn, d.datconnlimit, d.dattablespace, d.datcollate, d.datctype, d.datacl, \
                 (select pg_catalog.json_agg(s.* order by s.setrole) from pg_catalog.pg_db_role_setting s where s.setdatabase = d.oid) \
             )::pg_catalog.text]) from pg_catalog.pg_database d where d.datname = {}",
            quote_literal(scratch.options().database())
        );
        let mut found = values_of(&scratch.beside().client.simple_query(&query).await?).into_iter();
        let (since, shared) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
        Ok(Self { since, shared })
    }
}

/// How long sessions are ended, of which a task that a test has left behind may open others.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends what the test has left, and waits until nobody is in the database.
async fn end_sessions(beside: &Connection, database: &str) -> Result<(), GiveBackError> {
    let began = Instant::now();
    let query = format!(
        "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = {}",
        quote_literal(database)
    );
    let mut pause = Duration::from_millis(1);
    while !values_of(&beside.client.simple_query(&query).await?).is_empty() {
        if began.elapsed() > PATIENCE {
            return Err(Altered::Sessions.into());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
    Ok(())
}
