use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio_postgres::Client;

use super::BackfillError;
use super::answers::{Row, answers};

/// What holds a backfill back between two batches. Asked on the server that the backfill works on, at most twice a second.
///
/// ```
/// use hardtack::Throttle;
///
/// let throttles = [
///     Throttle::replica_bytes_behind(64 << 20),
///     Throttle::lock_waiters(5),
///     Throttle::while_true("select count(*) > 10000 from jobs where state = 'queued'"),
/// ];
/// # let _ = throttles;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    ReplicaBytes(u64),
    LockWaiters(u64),
    WhileTrue(String),
}

impl Throttle {
    /// Holds back while a replica has still to replay more than so many bytes of WAL.
    ///
    /// Bytes, not `replay_lag`, which stands still on an idle primary. A replica that was there and is gone counts as one
    /// that is behind, for ten minutes; the inactive slot of one does for as long as more than so many bytes are kept for it.
    /// What replays nothing, such as `pg_receivewal`, does not count. The role needs `pg_monitor`.
    #[must_use]
    pub const fn replica_bytes_behind(bytes: u64) -> Self {
        Self(Rule::ReplicaBytes(bytes))
    }

    /// Holds back while so many sessions of the database, or more, wait for a lock.
    #[must_use]
    pub const fn lock_waiters(sessions: u64) -> Self {
        Self(Rule::LockWaiters(sessions))
    }

    /// Holds back while a query returns true.
    #[must_use]
    pub fn while_true(query: impl Into<String>) -> Self {
        Self(Rule::WhileTrue(query.into()))
    }
}

/// How often the rules are looked at.
const EVERY: Duration = Duration::from_millis(500);

/// How long a replica that is gone is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// The rules of one worker, with what they have seen.
#[derive(Debug)]
pub(super) struct Throttles {
    rules: Vec<Throttle>,
    looked: Option<Instant>,
    /// When each replica was last there.
    replicas: BTreeMap<String, Instant>,
}

impl Throttles {
    pub(super) fn new(rules: &[Throttle]) -> Self {
        Self { rules: rules.to_vec(), looked: None, replicas: BTreeMap::new() }
    }

    /// Why to wait; none where nothing stands against the next batch.
    pub(super) async fn reason(
        &mut self,
        client: &Client,
        begin: &str,
    ) -> Result<Option<String>, BackfillError> {
        if self.rules.is_empty() || self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return Ok(None);
        }
        for Throttle(rule) in self.rules.clone() {
            let reason = match rule {
                Rule::ReplicaBytes(bytes) => self.replicas(client, begin, bytes).await?,
                Rule::LockWaiters(sessions) => lock_waiters(client, begin, sessions).await?,
                Rule::WhileTrue(query) => while_true(client, begin, &query).await?,
            };
            if reason.is_some() {
                return Ok(reason);
            }
        }
        self.looked = Some(Instant::now());
        Ok(None)
    }

    async fn replicas(
        &mut self,
        client: &Client,
        begin: &str,
        limit: u64,
    ) -> Result<Option<String>, BackfillError> {
        const ACTION: &str = "see how far the replicas are behind";
        let rows = ask(client, begin, ACTION, REPLICAS).await?;
        let now = Instant::now();
        let mut behind = None;
        for row in rows {
            let name = row.get(0).unwrap_or_default().to_owned();
            let Some(state) = row.get(1) else {
                let reason = format!("{name} does not show its position; the role needs pg_monitor");
                return Err(BackfillError::Answer { action: ACTION, reason });
            };
            // One that has not told it yet, or replays nothing.
            let Some(bytes) = row.get(2).and_then(|bytes| bytes.parse::<i64>().ok()) else { continue };
            if u64::try_from(bytes).is_ok_and(|bytes| bytes > limit) {
                behind.get_or_insert_with(|| format!("{name} is {bytes} bytes behind"));
            }
            if state != "inactive" {
                self.replicas.insert(name, now);
            }
        }
        self.replicas.retain(|_, seen| now.duration_since(*seen) < PATIENCE);
        let gone = self.replicas.iter().find(|(_, seen)| **seen < now);
        Ok(behind.or_else(|| gone.map(|(name, _)| format!("{name} is gone"))))
    }
}

/// A backup that streams is no replica. Whoever may not see the state of one sees no position either.
const REPLICAS: &str = "select 'replica ' || application_name || coalesce(' at ' || pg_catalog.host(client_addr), ''), state, \
        pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)::pg_catalog.int8 \
    from pg_catalog.pg_stat_replication where state is distinct from 'backup' \
    union all \
    select 'the replica of slot ' || slot_name, 'inactive', \
        pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::pg_catalog.int8 \
    from pg_catalog.pg_replication_slots where slot_type = 'physical' and not active and restart_lsn is not null";

/// The rows of a query in a transaction of its own.
async fn ask(
    client: &Client,
    begin: &str,
    action: &'static str,
    query: &str,
) -> Result<Vec<Row>, BackfillError> {
    Ok(answers(client, action, &format!("{begin}; {query}; commit")).await?.pop().unwrap_or_default())
}

async fn lock_waiters(client: &Client, begin: &str, limit: u64) -> Result<Option<String>, BackfillError> {
    let query = "select pg_catalog.count(*) from pg_catalog.pg_stat_activity \
        where datname = pg_catalog.current_database() and wait_event_type = 'Lock'";
    let rows = ask(client, begin, "count the sessions that wait for locks", query).await?;
    let waiting: u64 = rows.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or_default();
    Ok((waiting >= limit).then(|| format!("{waiting} sessions wait for locks")))
}

async fn while_true(client: &Client, begin: &str, query: &str) -> Result<Option<String>, BackfillError> {
    let rows = ask(client, begin, "ask whether to hold back", query).await?;
    let holds_back = rows.first().and_then(|row| row.get(0)) == Some("t");
    Ok(holds_back.then(|| format!("this is true: {query}")))
}
