//! What operators see of backfills, and what they may do about them.

use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio_postgres::Client;

use super::BackfillError;
use super::answers::{Row, transaction};
use crate::config::HistoryTable;
use crate::db::{as_role, is_absent, quote_literal};

/// A backfill that has still to be finished, or whose revision has still to be recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct BackfillStatus {
    /// The version of its revision.
    pub version: i64,
    /// Whether it is part of an `up` or of a `down`.
    pub direction: String,
    /// Its name; of a deferred one that waits, its revision's.
    pub name: String,
    /// Whether it is deferred: its revision is recorded.
    pub deferred: bool,
    /// `waiting` where nobody has begun yet; `running`, `paused`, `cancelled`, `failed` or `finished`. A run that was killed leaves `running`.
    pub state: String,
    /// The rows that were worked on.
    pub rows: u64,
    /// An estimate of all rows.
    pub total: Option<u64>,
    /// The rows that were skipped.
    pub skipped: u64,
    /// Rows a second, over the ranges that were worked on in the last minute; none where there was none.
    pub rows_per_second: Option<f64>,
    /// How long it will take at that speed, in seconds.
    #[serde(rename = "remaining_s", serialize_with = "seconds")]
    #[cfg_attr(feature = "admin", schema(value_type = Option<u64>))]
    pub remaining: Option<Duration>,
    /// When the last batch was committed.
    pub last_batch_at: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl BackfillStatus {
    /// Whether a name is its own: as it is, or behind its version, `5/normalise-emails`.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        name == self.name || name == format!("{}/{}", self.version, self.name)
    }
}

/// What an operator wants of a backfill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackfillControl {
    /// The workers wait, wherever they are, until it is resumed.
    Pause,
    /// A paused one goes on.
    Resume,
    /// The workers end with an error at their next batch; what is done stays done.
    Cancel,
    /// One that was cancelled or has failed may go on, behind what is done, with the next run of its revision.
    Retry,
    /// It begins anew with the next run of its revision: rows that are done are worked on again.
    Restart,
}

impl BackfillControl {
    /// From which states, and to which.
    fn transition(self) -> (&'static str, &'static str) {
        match self {
            Self::Pause => ("'running'", "paused"),
            Self::Resume => ("'paused'", "running"),
            Self::Cancel => ("'running', 'paused', 'failed'", "cancelled"),
            Self::Retry => ("'cancelled', 'failed'", "running"),
            Self::Restart => ("'running', 'paused', 'cancelled', 'failed', 'finished'", "running"),
        }
    }
}

fn seconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs()).serialize(serializer)
}

/// Which rows there is still something to say about, of a backfill `b` with its deferred one `d`.
const LISTED: &str =
    "not b.recorded and (b.deferred is null or (d.finished_at is null and d.undone_at is null))";

/// All of a history table, in order of their revisions; none where hardtack never wrote. Reads only.
pub(crate) async fn list(
    client: &Client,
    table: &HistoryTable,
) -> Result<Vec<BackfillStatus>, BackfillError> {
    let query = format!(
        "begin read only; {}select b.version, b.direction, b.name, b.state, coalesce(r.rows, 0), b.total, \
             (select pg_catalog.count(*) from hardtack.backfill_reject j where j.backfill = b.id), \
             r.recent / nullif(extract(epoch from r.until - r.since), 0), r.until, coalesce(b.error, d.error), \
             b.deferred is not null \
         from hardtack.backfill b left join hardtack.deferred d on d.id = b.deferred left join lateral ( \
             select pg_catalog.sum(rows) as rows, pg_catalog.max(changed_at) as until, \
                 pg_catalog.sum(rows) filter (where is_recent) as recent, \
                 pg_catalog.min(started_at) filter (where is_recent) as since \
             from (select *, changed_at > pg_catalog.now() - interval '1 minute' as is_recent \
                   from hardtack.backfill_range where backfill = b.id) as ranges) as r on true \
         where b.history_table = {name} and {LISTED} \
         union all \
         select d.version, 'up', '', 'waiting', 0, null, 0, null, null, d.error, true \
         from hardtack.deferred d where d.history_table = {name} and d.finished_at is null and d.undone_at is null \
             and not exists (select from hardtack.backfill b where b.deferred = d.id) \
         order by 1, 2 desc; commit",
        as_role(table.role()),
        name = quote_literal(&table.to_string())
    );
    let listed = transaction(client, "list the backfills", &query).await;
    if let Err(BackfillError::Server { source, .. }) = &listed
        && is_absent(source)
    {
        return Ok(Vec::new());
    }
    listed?.pop().unwrap_or_default().iter().map(status).collect()
}

fn status(row: &Row) -> Result<BackfillStatus, BackfillError> {
    let [version, direction, name, state, rows] = row.texts("list the backfills")?;
    let rows: u64 = rows.parse().unwrap_or_default();
    // An estimate that was passed tells nothing any more.
    let total = row.get(5).and_then(|total| total.parse().ok()).filter(|total: &u64| *total >= rows);
    let rows_per_second: Option<f64> = row.get(7).and_then(|speed| speed.parse().ok());
    Ok(BackfillStatus {
        version: version.parse().unwrap_or_default(),
        direction,
        name,
        deferred: row.get(10) == Some("t"),
        state,
        rows,
        total,
        skipped: row.get(6).and_then(|skipped| skipped.parse().ok()).unwrap_or_default(),
        rows_per_second,
        remaining: total
            .zip(rows_per_second)
            .and_then(|(total, speed)| remaining(total.saturating_sub(rows), speed)),
        last_batch_at: row.get(8).map(str::to_owned),
        error: row.get(9).map(str::to_owned),
    })
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn remaining(rows: u64, speed: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(rows as f64 / speed).ok()
}

/// Lets an operator's wish be seen by the workers, wherever they are: they look at each batch. With a version, the wish may
/// be about that deferred backfill as a whole.
pub(crate) async fn control(
    client: &Client,
    table: &HistoryTable,
    name: &str,
    version: Option<i64>,
    wish: BackfillControl,
) -> Result<(), BackfillError> {
    const ACTION: &str = "change the backfill's state";
    let (_, wanted) = wish.transition();
    let own = own(table, name);
    let opening = format!("begin read write; {}{}", as_role(table.role()), in_question(&own, wish));
    let rows = transaction(client, ACTION, &opening).await?.pop().unwrap_or_default();
    let mut versions: Vec<i64> = rows.iter().filter_map(|row| row.get(0)?.parse().ok()).collect();
    versions.dedup();
    if versions.len() > 1 {
        // On a connection that broke the server rolls back by itself.
        let _ = client.batch_execute("rollback").await;
        return Err(BackfillError::Ambiguous { name: name.to_owned(), wanted, versions });
    }
    let answered = transaction(client, ACTION, &statements(table, &own, version, wish)).await?;
    let [.., changed, retried, found] = answered.as_slice() else {
        return Err(BackfillError::Answer {
            action: ACTION,
            reason: "fewer answers than statements".to_owned(),
        });
    };
    let name = name.to_owned();
    match (changed.is_empty() && retried.is_empty(), found.first().and_then(|row| row.get(0))) {
        (false, _) => Ok(()),
        (true, Some(state)) => Err(BackfillError::State { name, state: state.to_owned(), wanted }),
        (true, None) => Err(BackfillError::Unknown { name }),
    }
}

/// The condition of those of a name, as it is or behind its version.
fn own(table: &HistoryTable, name: &str) -> String {
    format!(
        "id in (select b.id from hardtack.backfill b left join hardtack.deferred d on d.id = b.deferred \
         where b.history_table = {} and {} in (b.name, b.version::pg_catalog.text || '/' || b.name) and {LISTED})",
        quote_literal(&table.to_string()),
        quote_literal(name)
    )
}

/// A query for the versions of those that a wish would change, which locks them.
fn in_question(own: &str, wish: BackfillControl) -> String {
    let (from, _) = wish.transition();
    let or_failed = match wish {
        BackfillControl::Retry | BackfillControl::Restart => {
            " or deferred in (select id from hardtack.deferred where error is not null)"
        }
        _ => "",
    };
    format!(
        "select version from hardtack.backfill where {own} and (state in ({from}){or_failed}) order by version for update"
    )
}

/// What brings about a wish, up to `commit`: the backfills that it changed, the deferred ones that may go on, and the
/// state that was found.
fn statements(table: &HistoryTable, own: &str, version: Option<i64>, wish: BackfillControl) -> String {
    let (from, to) = wish.transition();
    let restart = if wish == BackfillControl::Restart {
        let mine = format!("backfill in (select id from hardtack.backfill where {own})");
        format!(
            "update hardtack.backfill set frontier = null, exhausted = false, work = '' where {own}; \
             delete from hardtack.backfill_range where {mine}; delete from hardtack.backfill_reject where {mine}; "
        )
    } else {
        String::new()
    };
    // A function may have failed outside of its backfills.
    let retry = if matches!(wish, BackfillControl::Retry | BackfillControl::Restart) {
        let of_version = version.map_or(String::new(), |version| {
            let table = quote_literal(&table.to_string());
            format!(" or (history_table = {table} and version = {version} and undone_at is null)")
        });
        format!(
            "update hardtack.deferred set error = null where error is not null \
             and (id in (select deferred from hardtack.backfill where {own}){of_version}) returning id; "
        )
    } else {
        "select where false; ".to_owned()
    };
    format!(
        "{restart}update hardtack.backfill set state = '{to}', error = null \
         where {own} and state in ({from}) returning id; {retry}\
         select state from hardtack.backfill where {own}; commit"
    )
}
