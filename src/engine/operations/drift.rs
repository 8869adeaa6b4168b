#[cfg(feature = "admin")]
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::replaying;
#[cfg(feature = "admin")]
use crate::catalog::render::made;
use crate::catalog::{self, Catalog, Difference, ObjectId, Sifted, Snapshot, SnapshotError, differences};
use crate::db::Connection;
use crate::engine::{Error, Event, Migrator, StepError};
use crate::history::{self, History};
use crate::plan::{self, Conflicts, OutOfOrder};
use crate::revisions::Revision;

/// What became of a database's schema beside its revisions.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// The newest applied version; none in an empty history.
    pub version: Option<i64>,
    /// What the database was compared with.
    pub against: Against,
    /// What was added, removed or changed.
    pub differences: Vec<Difference>,
    /// Differences that may come of the servers' versions alone: empty unless a snapshot of another major version had to do.
    pub uncertain: Vec<Difference>,
    /// Why there was no replay, which would be certain; none where it was not wanted.
    pub no_replay: Option<String>,
    /// How many differences do not count.
    pub ignored: usize,
    /// The patterns of what does not count for which there was nothing to match.
    pub unused_patterns: Vec<String>,
    /// How what is missing or extra is made.
    #[cfg(feature = "admin")]
    #[serde(skip)]
    pub(crate) definitions: BTreeMap<ObjectId, String>,
}

/// Of so many objects the page tells how they are made.
#[cfg(feature = "admin")]
const DEFINED: usize = 200;

/// What a database was compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The snapshot that comes with the revisions.
    Snapshot,
    /// The applied revisions on a scratch database.
    Replay,
}

/// What an upgrade does about drift when it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// It does not look.
    #[default]
    Ignore,
    /// An event tells.
    Warn,
    /// It fails.
    Fail,
}

/// Why the snapshot that comes with the revisions cannot be compared with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// There is none.
    #[error("there is no snapshot of the head; take one with `snapshot`, and build again")]
    Absent,
    /// It is of other revisions.
    #[error(
        "the snapshot is stale, for the revisions have changed since it was taken; take it with `snapshot`, and build again"
    )]
    Stale,
    /// It cannot be read.
    #[error("the snapshot is of no use: failed to {0}")]
    Unreadable(#[from] SnapshotError),
    /// The database is not where the revisions end.
    #[error("the snapshot is of the head, and {pending} of the revisions are not applied")]
    NotAtHead {
        /// How many.
        pending: usize,
    },
    /// It was taken on a server of another major version.
    #[error("the snapshot was taken on PostgreSQL {}, and this server is {}", .snapshot / 10_000, .server / 10_000)]
    OtherServer {
        /// The snapshot's server, as `server_version_num` has it.
        snapshot: u32,
        /// This one.
        server: u32,
    },
}

/// Compares a database with what its applied revisions make: with the snapshot where it fits, otherwise by a replay.
pub(in crate::engine) async fn drift(migrator: &Migrator, connection: &Connection) -> Result<Drift, Error> {
    let found = Found::read(migrator, connection).await?;
    match found.snapshot(migrator) {
        Ok(expected) => Ok(found.compare(migrator, expected, Against::Snapshot)),
        Err((unfit, other_server)) => match found.replay(migrator).await {
            Ok(expected) => Ok(found.compare(migrator, expected, Against::Replay)),
            Err(source @ Error::Step(StepError::Stopped)) => Err(source),
            Err(source) => match other_server {
                Some(expected) => {
                    let drift = found.compare(migrator, expected, Against::Snapshot);
                    Ok(Drift { no_replay: Some(source.to_string()), ..drift })
                }
                None => Err(Error::NotCompared { unfit, source: Some(Box::new(source)) }),
            },
        },
    }
}

/// Looks for drift when an upgrade is done, where that is asked for: with the snapshot alone, because a boot makes no
/// databases.
pub(in crate::engine) async fn after_upgrade(
    migrator: &Migrator,
    connection: &Connection,
) -> Result<(), Error> {
    if migrator.policy.on_drift == OnDrift::Ignore {
        return Ok(());
    }
    let failed = match by_snapshot(migrator, connection).await {
        Ok(drift) if drift.differences.is_empty() => return Ok(()),
        Ok(drift) => Error::Drift(Box::new(drift)),
        Err(error) => error,
    };
    if migrator.policy.on_drift == OnDrift::Fail {
        return Err(failed);
    }
    match &failed {
        Error::Drift(drift) => migrator.tell(&Event::Drift { drift }),
        reason => migrator.tell(&Event::DriftNotCompared { reason }),
    }
    Ok(())
}

/// Compares with the snapshot that comes with the revisions alone.
pub(in crate::engine) async fn by_snapshot(
    migrator: &Migrator,
    connection: &Connection,
) -> Result<Drift, Error> {
    let found = Found::read(migrator, connection).await?;
    match found.snapshot(migrator) {
        Ok(expected) | Err((_, Some(expected))) => Ok(found.compare(migrator, expected, Against::Snapshot)),
        Err((unfit, None)) => Err(Error::NotCompared { unfit, source: None }),
    }
}

/// A database as it was found.
struct Found<'a> {
    version: Option<i64>,
    applied: Vec<&'a Revision>,
    catalog: Catalog,
}

impl<'a> Found<'a> {
    async fn read(migrator: &'a Migrator, connection: &Connection) -> Result<Self, Error> {
        let (revisions, table) = (migrator.revisions(), migrator.history_table());
        let history: History = history::read(&connection.client, table).await?;
        Conflicts::refuse(plan::conflicts(revisions, &history, OutOfOrder::Allow))?;
        Ok(Self {
            version: plan::newest_versioned(revisions, &history),
            applied: revisions.iter().filter(|revision| history.get(revision.version).is_some()).collect(),
            catalog: catalog::introspect(connection, table).await?,
        })
    }

    /// The snapshot of the head, where it is what the database should be; otherwise why not, and, where it is but for the
    /// server's version, the snapshot all the same.
    fn snapshot(&self, migrator: &Migrator) -> Result<Catalog, (Unfit, Option<Catalog>)> {
        let revisions = migrator.revisions();
        let pending = revisions.len() - self.applied.len();
        if pending > 0 {
            return Err((Unfit::NotAtHead { pending }, None));
        }
        let text = revisions.snapshot().ok_or((Unfit::Absent, None))?;
        let Snapshot { history, catalog } = Snapshot::parse(text).map_err(|error| (error.into(), None))?;
        if history != revisions.fingerprint() {
            return Err((Unfit::Stale, None));
        }
        let (snapshot, server) = (catalog.server, self.catalog.server);
        if snapshot / 10_000 != server / 10_000 {
            return Err((Unfit::OtherServer { snapshot, server }, Some(catalog)));
        }
        Ok(catalog)
    }

    /// What the applied revisions make on a scratch database beside this one.
    async fn replay(&self, migrator: &Migrator) -> Result<Catalog, Error> {
        replaying::made_of(migrator, &self.applied).await
    }

    fn compare(&self, migrator: &Migrator, expected: Catalog, against: Against) -> Drift {
        let is_of_other_version = expected.server / 10_000 != self.catalog.server / 10_000;
        let expected = expected.without_history(migrator.history_table());
        let all: Vec<&ObjectId> = expected.objects.keys().chain(self.catalog.objects.keys()).collect();
        let found = differences(&expected, &self.catalog);
        let Sifted { differences, ignored, unused } = migrator.policy.ignored_drift.sift(found, &all);
        let is_uncertain = |difference: &Difference| is_of_other_version && difference.may_be_of_version();
        let (uncertain, differences): (Vec<_>, Vec<_>) = differences.into_iter().partition(is_uncertain);
        #[cfg(feature = "admin")]
        let definitions = self.definitions(&expected, &differences);
        Drift {
            version: self.version,
            against,
            differences,
            uncertain,
            no_replay: None,
            ignored,
            unused_patterns: unused,
            #[cfg(feature = "admin")]
            definitions,
        }
    }

    #[cfg(feature = "admin")]
    fn definitions(&self, expected: &Catalog, differences: &[Difference]) -> BTreeMap<ObjectId, String> {
        let made = differences.iter().take(DEFINED).filter_map(|difference| match difference {
            Difference::Missing { object } => Some((object.clone(), made(expected, object))),
            Difference::Extra { object } => Some((object.clone(), made(&self.catalog, object))),
            Difference::Different { .. } => None,
        });
        made.filter(|(_, definition)| !definition.is_empty()).collect()
    }
}

/// What has drifted, a line an object.
impl fmt::Display for Drift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.differences.iter().try_for_each(|difference| write!(formatter, "\n  {difference}"))
    }
}

impl FromStr for OnDrift {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ignore" => Ok(Self::Ignore),
            "warn" => Ok(Self::Warn),
            "fail" => Ok(Self::Fail),
            _ => Err("write ignore, warn or fail"),
        }
    }
}

impl fmt::Display for OnDrift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ignore => "ignore",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}
